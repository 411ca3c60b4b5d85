import { lostRecord } from '@tributary/contract';
import { backlogGroup, loadsNotes, type RowChange, type TargetWriter } from '@tributary/targets';
import { uniqueName, waitFor } from '@tributary/testing';
import type { PauseNote } from '@tributary/topics';
import type { RunningSink } from './running-sink';
import { SinkFixture, version } from './sink-fixture';
import { usualTargets, type TestTarget } from './targets';

jest.setTimeout(180_000);

const row = (id: number, log: number) => ({ id, name: `n${log}`, qty: log });
const rows = (log: number, ids: readonly number[]) => ids.map((id) => ({ id, log, row: row(id, log) }));
const range = (from: number, count: number) => Array.from({ length: count }, (_, at) => from + at);

describe.each(usualTargets)('loads on their own topic, in the $target sink', ({ target: name, open }) => {
  const app = `${name}-sink`;
  let prefix: string;
  let group: string;
  let target: TestTarget;
  let fixture: SinkFixture;
  let sink: RunningSink;
  /** What was handed to the target, in order. */
  let written: RowChange[];

  const writer = (): TargetWriter => {
    const { writer: real } = target;
    return {
      apply: async (changes) => {
        const outcomes = await real.apply(changes);
        written.push(...changes);
        return outcomes;
      },
      ...{ ping: () => real.ping(), rowId: (of) => real.rowId(of), sweep: (job) => real.sweep(job) },
      close: async () => undefined,
    };
  };
  const start = async () =>
    (sink = await fixture.start(
      ...([name, writer(), (of: string) => target.positions(of)] as const),
      ...([(of: string) => target.notes(of), target.places, 200] as const),
    ));
  const caughtUp = () =>
    waitFor(async () => (await fixture.lag(app)) === 0n && (await fixture.loadsLag(app)) === 0n, {
      timeoutMs: 60_000,
      everyMs: 50,
    });
  const held = async (...ids: number[]) =>
    (await Promise.all(ids.map((id) => target.held(id)))).map((item) => item?.version);
  const swept = async () => (await sink.counted())['swept'] ?? 0;
  /** A whole load of these rows on the topic of loads. */
  const bulk = async (floor: number, ids: readonly number[]) => {
    await fixture.loadControl('load', floor);
    await fixture.publishLoad(rows(floor + 1, ids));
    await fixture.loadControl('sweep', floor);
  };
  /** The same by the live topic, as the relay does it. */
  const relayLoad = async (floor: number, ids: readonly number[]) => {
    await fixture.control('load', floor);
    await fixture.publish(rows(floor + 1, ids));
    await fixture.control('sweep', floor);
  };

  beforeEach(async () => {
    [prefix, written] = [uniqueName(`loads_${name}`), []];
    group = `${prefix}.${app}`;
    target = await open();
    fixture = new SinkFixture(prefix, target.schema);
    await fixture.open();
  });
  afterEach(async () => {
    await sink.stop();
    await fixture.close();
    await target.close();
  });

  it('a live change passes 50,000 rows that wait', async () => {
    const many = 50_000;
    for (let from = 0; from < many; from += 10_000)
      for (const partition of [0, 1])
        await fixture.publishLoad(rows(100, range(1 + from + partition * 5_000, 5_000)), partition);
    await start();
    const passed: number[] = [];
    for (let nth = 0; nth < 4; nth += 1) {
      const done = written.length;
      await waitFor(() => written.length > done + 1_000, { timeoutMs: 60_000, everyMs: 2 });
      const before = written.length;
      const id = 1_000_000 + nth;
      await fixture.publish(rows(200 + nth, [id]), nth % 2);
      await waitFor(() => written.some((change) => change.key['id'] === id), { everyMs: 2 });
      passed.push(written.findIndex((change) => change.key['id'] === id) - before);
    }
    // Of what waits, what is under way when the broker takes it, and what one round more holds.
    expect(Math.max(...passed)).toBeLessThan(4_000);
    expect(await fixture.loadsLag(app)).toBeGreaterThan(10_000n);
    expect(await held(1_000_000, 1_000_003)).toEqual([200, 203].map((log) => version(log)));
    // The other target's server takes minutes for that many.
    if (name !== 'redis') return;
    await caughtUp();
    expect(await held(1, 25_000, 50_000)).toEqual([100, 100, 100].map((log) => version(log)));
    expect(await sink.counted()).toMatchObject({ applied: many + 4 });
  });

  it('R4, R6: a late row sets nothing back and brings nothing deleted back', async () => {
    await start();
    await fixture.publish([...rows(50, [1, 2, 3]), ...rows(60, [1]), { id: 2, log: 61 }, { id: 9, log: 62 }]);
    await caughtUp();
    await fixture.publishLoad([...rows(55, [1, 2, 3, 9]), ...rows(70, [4])]);
    await caughtUp();
    expect(await held(1, 2, 3, 4, 9)).toEqual([version(60), undefined, version(55), version(70), undefined]);
  });

  it('R6: nor does one that comes when a newer load is complete: it did not find the row', async () => {
    await start();
    await fixture.publish(rows(10, [1, 2]));
    // Rows 5 and 6 were there when the older load read them, and are gone without a trace since.
    await fixture.loadControl('load', 100);
    await relayLoad(200, [1, 2]);
    await caughtUp();
    await fixture.publishLoad(rows(110, [1, 2, 5, 6]));
    await fixture.loadControl('sweep', 100);
    await fixture.publishLoad(rows(210, [7]));
    await caughtUp();
    expect(await held(1, 2, 5, 6, 7)).toEqual([
      version(201),
      version(201),
      undefined,
      undefined,
      version(210),
    ]);
    expect(await sink.counted()).toMatchObject({ stale: 4 });
  });

  it('R5: sweeps when every partition of that topic has brought both ends, whatever the live one brings', async () => {
    await start();
    await fixture.publish(rows(10, [1, 2, 3]));
    await fixture.publish(rows(10, [4]), 1);
    await caughtUp();
    await fixture.loadControl('load', 20, [0]);
    await fixture.publishLoad(rows(21, [1]));
    await fixture.loadControl('sweep', 20, [0]);
    // The other partition's ends come by the live topic, as dead letters that are replayed do.
    await fixture.control('load', 20, [1]);
    await fixture.control('sweep', 20, [1]);
    await caughtUp();
    expect(await held(1, 2, 3, 4)).toEqual([version(21), version(10), version(10), version(10)]);
    await fixture.loadControl('load', 20, [1]);
    await fixture.publishLoad(rows(22, [3]), 1);
    await fixture.loadControl('sweep', 20, [1]);
    await caughtUp();
    expect(await held(1, 2, 3, 4)).toEqual([version(21), undefined, version(22), undefined]);
    expect(await swept()).toBe(2);
  });

  it('R5: of a load of each kind the newer one counts, in both orders of their floors', async () => {
    await start();
    await fixture.publish(rows(10, [1, 2]));
    // The relay's is the newer one.
    await fixture.loadControl('load', 20);
    await caughtUp();
    await fixture.control('load', 30);
    await fixture.publish(rows(31, [1]));
    await caughtUp();
    await fixture.publishLoad(rows(21, [1]));
    await fixture.loadControl('sweep', 20);
    await caughtUp();
    // The older one has not brought row 2 either, but proves nothing any more.
    expect(await held(1, 2)).toEqual([version(31), version(10)]);
    await fixture.control('sweep', 30);
    await caughtUp();
    expect(await held(1, 2)).toEqual([version(31), undefined]);
    // The bulk load is.
    await fixture.publish(rows(40, [2, 3]));
    await fixture.control('load', 50);
    await caughtUp();
    await fixture.loadControl('load', 60);
    await fixture.publishLoad(rows(61, [1, 2]));
    await caughtUp();
    await fixture.control('sweep', 50);
    await caughtUp();
    expect(await held(1, 2, 3)).toEqual([version(61), version(61), version(40)]);
    await fixture.loadControl('sweep', 60);
    await caughtUp();
    expect(await held(1, 2, 3)).toEqual([version(61), version(61), undefined]);
  });

  it('R12: a load that has lost records removes nothing, and the live topic loses nothing of its own', async () => {
    await start();
    await fixture.publish(rows(10, [1, 2, 3]));
    await fixture.control('load', 15);
    await caughtUp();
    // A hole that the validator tells of, behind a load of each kind.
    await fixture.loadControl('load', 20);
    await fixture.raw(fixture.config.topics.validatedLoads, [{ ...lostRecord('test'), partition: 1 }]);
    await fixture.publishLoad(rows(21, [1]));
    await fixture.loadControl('sweep', 20);
    await caughtUp();
    expect(await held(2)).toEqual([version(10)]);
    // A relay's load beside it is none the worse.
    await fixture.control('load', 30);
    await fixture.publish(rows(31, [1, 2]));
    await fixture.raw(fixture.config.topics.validatedLoads, [{ ...lostRecord('test'), partition: 0 }]);
    await caughtUp();
    await fixture.control('sweep', 30);
    await caughtUp();
    expect(await held(1, 2, 3)).toEqual([version(31), version(31), undefined]);
    expect(await fixture.demands()).toEqual([]);
    // What Kafka has dropped before it was read is lost too.
    await fixture.loadControl('load', 40);
    await caughtUp();
    await sink.stop();
    await fixture.publishLoad(rows(41, [1, 2]));
    await fixture.forget(fixture.config.topics.validatedLoads);
    await fixture.loadControl('sweep', 40);
    await fixture.publishLoad(rows(45, [9]));
    await start();
    await waitFor(async () => (await held(9))[0] === version(45), { timeoutMs: 60_000 });
    await caughtUp();
    expect(await held(1, 2)).toEqual([version(31), version(31)]);
    expect(await fixture.demands()).toEqual([expect.objectContaining({ app, table: '*' })]);
  });

  it('R12: the target is fed again with what it has lost of either topic, from its own positions', async () => {
    await start();
    await fixture.publish(rows(10, [1]));
    await fixture.publishLoad(rows(20, [2]), 1);
    await caughtUp();
    await sink.stop();
    expect(await target.positions(group).read([0, 1])).toEqual(new Map([[0, 1n]]));
    expect(await target.positions(loadsNotes(group)).read([0, 1])).toEqual(new Map([[1, 1n]]));
    await target.wipe(group);
    expect(await held(1, 2)).toEqual([undefined, undefined]);
    await start();
    await waitFor(async () => String(await held(1, 2)) === String([version(10), version(20)]), {
      timeoutMs: 60_000,
    });
  });

  it('R12: made anew, the topic is read from its beginning; a load across that removes nothing', async () => {
    await start();
    await fixture.publish(rows(10, [1, 2]));
    await fixture.loadControl('load', 20);
    await fixture.publishLoad(rows(21, [1]));
    await caughtUp();
    await sink.stop();
    await fixture.anew(fixture.config.topics.validatedLoads);
    await fixture.publishLoad(rows(30, [3]));
    await fixture.loadControl('sweep', 20);
    await start();
    await waitFor(async () => (await held(3))[0] === version(30), { timeoutMs: 60_000 });
    await caughtUp();
    expect(await held(1, 2)).toEqual([version(21), version(10)]);
    expect(await fixture.demands()).toEqual([expect.objectContaining({ app, table: '*' })]);
    // The next load is whole again.
    await bulk(40, [1, 3]);
    await waitFor(async () => (await held(2))[0] === undefined, { timeoutMs: 60_000 });
  });

  it.each([
    ['in this target', name],
    ['in all of them', undefined],
  ])('R15: rows of a table that is paused %s wait, and are applied when it is resumed', async (_, where) => {
    const note: PauseNote = {
      ...{ kind: 'paused', table: target.schema.table, by: 'me', reason: '', at: '2026-11-29' },
      ...(where && { target: where }),
    };
    const gaps = async () => {
      const text = await target.notes(backlogGroup(loadsNotes(group))).read(target.schema.table);
      return Object.keys(JSON.parse(text ?? '{}') as object);
    };
    await fixture.pause(note);
    await start();
    await bulk(20, [1, 2]);
    await fixture.publishLoad(rows(22, [4]), 1);
    await caughtUp();
    expect(await held(1, 2, 4)).toEqual([undefined, undefined, undefined]);
    expect(await gaps()).toEqual(['0', '1']);
    await sink.stop();
    await start();
    await fixture.resume(note);
    await waitFor(
      async () => String(await held(1, 2, 4)) === String([21, 21, 22].map((log) => version(log))),
      {
        timeoutMs: 60_000,
      },
    );
    await waitFor(async () => (await gaps()).length === 0, { timeoutMs: 20_000 });
    await caughtUp();
    expect(await fixture.demands()).toEqual([]);
  });

  it('how long its rows wait is no lag of live changes', async () => {
    await start();
    const lines = async (metric: string) =>
      (await sink.context.metrics.registry.getSingleMetric(metric)!.get()).values;
    await fixture.publishLoad(rows(20, range(1, 500)));
    await caughtUp();
    expect(await lines('tributary_end_to_end_latency_seconds')).toEqual([]);
    expect(await lines('tributary_loads_lag_events')).toEqual([expect.objectContaining({ value: 0 })]);
    await fixture.publish(rows(30, [1]));
    await caughtUp();
    expect((await lines('tributary_lag_seconds')).map(({ value }) => value)).toEqual([0]);
    expect(await lines('tributary_end_to_end_latency_seconds')).not.toEqual([]);
  });
});
