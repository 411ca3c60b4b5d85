import { setTimeout as sleep } from 'node:timers/promises';
import { rowSchema } from '@tributary/contract';
import { backlogGroup, type TargetWriter } from '@tributary/targets';
import type { PauseNote } from '@tributary/topics';
import { uniqueName, waitFor } from '@tributary/testing';
import type { RunningSink } from './running-sink';
import { SinkFixture, version } from './sink-fixture';
import { usualTargets, type TestTarget } from './targets';

jest.setTimeout(60_000);

/** Holds what passes until it is let go. */
class Gate {
  #open = false;
  readonly #held: (() => void)[] = [];

  async pass(): Promise<void> {
    if (!this.#open) await new Promise<void>((resolve) => this.#held.push(resolve));
  }

  waiting(): Promise<unknown> {
    return waitFor(() => this.#held.length > 0, { timeoutMs: 20_000, everyMs: 10 });
  }

  letOne(): void {
    this.#held.shift()?.();
  }

  open(): void {
    this.#open = true;
    for (const release of this.#held.splice(0)) release();
  }
}

describe.each(usualTargets)('a table that is paused in the $target sink', ({ target: name, open }) => {
  const app = `${name}-sink`;
  const prefix = uniqueName(`paused_${name}`);
  const group = `${prefix}.${app}`;
  let target: TestTarget;
  let fixture: SinkFixture;
  let sink: RunningSink;
  let note: PauseNote;
  /** Rounds with rows wait for it. */
  let gate: Gate | undefined;

  const writer = (): TargetWriter => {
    const { writer: real } = target;
    return {
      apply: async (changes) => {
        await gate?.pass();
        return real.apply(changes);
      },
      ...{ ping: () => real.ping(), rowId: (row) => real.rowId(row), sweep: (job) => real.sweep(job) },
      close: async () => undefined,
    };
  };
  const start = async () =>
    (sink = await fixture.start(
      ...([name, writer(), (of: string) => target.positions(of)] as const),
      ...([(of: string) => target.notes(of), target.places, 200] as const),
    ));
  const row = (id: number) => ({ id, name: `n${id}`, qty: id });
  const other = () => rowSchema({ ...target.schema, table: `${target.schema.table}_2` });
  const caughtUp = () =>
    waitFor(async () => (await fixture.lag(app)) === 0n, { timeoutMs: 20_000, everyMs: 50 });
  const held = async (...ids: number[]) =>
    Promise.all(ids.map(async (id) => (await target.held(id))?.version));
  const gaps = async () => {
    const text = await target.notes(backlogGroup(group)).read(target.schema.table);
    return JSON.parse(text ?? '{}') as Record<string, string>;
  };
  const paused = async () => {
    const metric = sink.context.metrics.registry.getSingleMetric('tributary_paused')!;
    return (await metric.get()).values.map(({ labels }) => [labels['table'], labels['target']]);
  };
  const pause = async () => {
    await fixture.pause(note);
    await waitFor(async () => (await paused()).length === 1, { everyMs: 20 });
  };
  const resume = () => fixture.resume(note);

  beforeAll(async () => {
    target = await open();
    fixture = new SinkFixture(prefix, target.schema, '', [other().table]);
    note = {
      kind: 'paused',
      target: name,
      table: target.schema.table,
      by: 'me',
      reason: '',
      at: '2026-11-29',
    };
    await fixture.open();
    await fixture.schema(other());
    await start();
  });
  afterAll(async () => {
    await sink.stop();
    await fixture.close();
    await target.close();
  });

  it('R15: nothing of it is applied, the others go on in the same batch, and the group confirms both', async () => {
    await fixture.publish([1, 2, 3].map((id) => ({ id, log: id, row: row(id) })));
    await fixture.control('load', 4);
    await caughtUp();
    await pause();
    expect(await paused()).toEqual([[note.table, name]]);
    await fixture.publish([
      { id: 1, log: 5, row: { ...row(1), name: 'new' } },
      { id: 2, log: 6 },
    ]);
    await fixture.publish([{ id: 21, log: 7, row: row(21) }], 0, other());
    await fixture.publish([{ id: 4, log: 8, row: row(4) }], 1);
    // The end of a load that began before: row 3 is gone from the source.
    await fixture.control('sweep', 4);
    await caughtUp();
    expect(await held(1, 2, 3, 4)).toEqual([version(1), version(2), version(3), undefined]);
    expect((await target.held(21, '_2'))?.version).toBe(version(7));
    expect(await sink.counted()).toMatchObject({ applied: 4, paused: 3 });
    expect(Object.keys(await gaps())).toEqual(['0', '1']);
  });

  it('R12: it stays so for the next process', async () => {
    await sink.stop();
    await start();
    expect(await paused()).toHaveLength(1);
    await fixture.publish([{ id: 5, log: 9, row: row(5) }], 1);
    await fixture.publish([{ id: 22, log: 10, row: row(22) }], 1, other());
    await caughtUp();
    expect(await held(4, 5)).toEqual([undefined, undefined]);
    expect((await target.held(22, '_2'))?.version).toBe(version(10));
  });

  it('R12: resumed, what was left out is applied, deletes and sweeps as well, and nothing is loaded', async () => {
    await resume();
    await waitFor(async () => Object.keys(await gaps()).length === 0, { timeoutMs: 20_000 });
    await caughtUp();
    expect(await held(1, 2, 3, 4, 5)).toEqual([version(5), undefined, undefined, version(8), version(9)]);
    expect(await fixture.demands()).toEqual([]);
    expect(await paused()).toEqual([]);
    await fixture.publish([{ id: 6, log: 11, row: row(6) }]);
    await caughtUp();
    expect(await held(6)).toEqual([version(11)]);
  });

  it('R12: resumed while no sink runs, the next one finds what was left out', async () => {
    await pause();
    await fixture.publish([7, 31].map((id) => ({ id, log: 12, row: row(id) })));
    await caughtUp();
    await sink.stop();
    await resume();
    await fixture.publish([{ id: 7, log: 13, row: { ...row(7), name: 'new' } }]);
    await fixture.publish([{ id: 8, log: 14, row: row(8) }], 1);
    await start();
    await waitFor(async () => Object.keys(await gaps()).length === 0, { timeoutMs: 20_000 });
    await caughtUp();
    expect(await held(7, 8, 31)).toEqual([version(13), version(14), version(12)]);
  });

  it('R12: ended in the middle of catching up, the next one goes on', async () => {
    const before = (await sink.counted())['paused'] ?? 0;
    await pause();
    await fixture.publish([{ id: 9, log: 15, row: row(9) }]);
    await caughtUp();
    await resume();
    // As soon as it has gone back, before it has read again.
    await waitFor(
      async () => ((await sink.counted())['paused'] ?? 0) > before && (await paused()).length === 0,
    );
    await sink.stop();
    await start();
    await waitFor(async () => Object.keys(await gaps()).length === 0, { timeoutMs: 20_000 });
    await caughtUp();
    expect(await held(9)).toEqual([version(15)]);
  });

  it('R5: the end of a load does not overtake its rows that were left out', async () => {
    const ids = Array.from({ length: 40 }, (_, n) => n + 1);
    const rows = async () => (await held(...ids)).filter(Boolean).length;
    await fixture.publish([{ id: 40, log: 16, row: row(40) }]);
    await fixture.control('load', 17);
    await caughtUp();
    await pause();
    await fixture.publish([{ id: 40, log: 18, row: row(40) }]);
    await caughtUp();
    await sink.stop();
    await resume();
    await fixture.control('sweep', 17);
    const before = await rows();
    await start();
    const swept = async () => (await sink.counted())['swept'] ?? 0;
    await waitFor(async () => (await swept()) > 0, { timeoutMs: 20_000 });
    await waitFor(async () => Object.keys(await gaps()).length === 0, { timeoutMs: 20_000 });
    await caughtUp();
    expect(await held(40)).toEqual([version(18)]);
    // All that is older than the load, and never this one.
    expect(await swept()).toBe(before - (await rows()));
  });

  it('R12: paused again while it catches up, what is left out then is read again as well', async () => {
    const rounds = 3;
    const last = 10_000 + rounds * 2_000 - 1;
    await pause();
    for (let at = 10_000; at < last; at += 2_000)
      await fixture.publish(
        Array.from({ length: 2_000 }, (_, n) => ({ id: at + n, log: 19, row: row(at + n) })),
      );
    await caughtUp();
    gate = new Gate();
    await resume();
    // The first round is applied, the second is at the target, the rest will be left out.
    await gate.waiting();
    gate.letOne();
    await gate.waiting();
    await sleep(500);
    await pause();
    gate.open();
    await caughtUp();
    expect(await held(10_000, last)).toEqual([version(19), undefined]);
    await resume();
    await waitFor(async () => Object.keys(await gaps()).length === 0, { timeoutMs: 20_000 });
    await caughtUp();
    expect(await held(10_000, last)).toEqual([version(19), version(19)]);
  });

  it('R12: what Kafka has no more comes with a load', async () => {
    await pause();
    await fixture.publish([{ id: 10, log: 16, row: row(10) }]);
    await caughtUp();
    await fixture.forget();
    await resume();
    await waitFor(async () => (await fixture.demands()).length === 1, { timeoutMs: 20_000 });
    expect((await fixture.demands())[0]).toMatchObject({ app, table: note.table });
    await waitFor(async () => Object.keys(await gaps()).length === 0, { timeoutMs: 20_000 });
    await fixture.publish([{ id: 10, log: 17, row: row(10) }]);
    await caughtUp();
    expect(await held(10)).toEqual([version(17)]);
  });
});
