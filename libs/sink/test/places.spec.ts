import { setTimeout as sleep } from 'node:timers/promises';
import { takeOver, targetPlugin } from '@tributary/targets';
import { uniqueName, waitFor } from '@tributary/testing';
import type { RunningSink } from './running-sink';
import { SinkFixture, token, version } from './sink-fixture';
import { usualTargets, type TestTarget } from './targets';

jest.setTimeout(90_000);

const row = (id: number, log: number) => ({ id, name: `n${log}`, qty: log });

describe.each(usualTargets)('places of the $target sink', ({ target: name, open }) => {
  const app = `${name}-sink`;
  let target: TestTarget;
  let sinks: RunningSink[];
  let fixtures: SinkFixture[];

  beforeEach(async () => {
    target = await open();
    [sinks, fixtures] = [[], []];
  });
  afterEach(async () => {
    await Promise.all(sinks.map((sink) => sink.stop()));
    await Promise.all(fixtures.map((fixture) => fixture.close()));
    await target.close();
  });

  /** A pipeline of its own into the one target, from a table of the same name. */
  const pipeline = async (settings = '', prefix = uniqueName(`place_${name}`)) => {
    const fixture = new SinkFixture(prefix, target.schema, settings);
    fixtures.push(fixture);
    await fixture.open();
    return fixture;
  };
  const run = async (fixture: SinkFixture) => {
    const stores = [
      (of: string) => target.positions(of),
      (of: string) => target.notes(of),
      target.places,
    ] as const;
    const sink = await fixture.start(name, target.writer, ...stores, 400);
    sinks.push(sink);
    return sink;
  };
  const caughtUp = (fixture: SinkFixture) =>
    waitFor(async () => (await fixture.lag(app)) === 0n, { timeoutMs: 30_000, everyMs: 100 });
  const held = async (...ids: number[]) =>
    (await Promise.all(ids.map((id) => target.held(id)))).map((item) => item?.version);
  /** A whole load of these rows. */
  const load = async (fixture: SinkFixture, log: number, ids: number[], epoch: number) => {
    await fixture.control('load', log, [0, 1], epoch);
    await fixture.publish(ids.map((id) => ({ id, log: log + 1, row: row(id, log + 1), epoch })));
    await fixture.control('sweep', log, [0, 1], epoch);
    await caughtUp(fixture);
  };
  const suspended = ({ context }: RunningSink) => context.tables.list();
  const demands = async (fixture: SinkFixture) => {
    await fixture.notes.refresh();
    return fixture.notes.of('epoch-above').map(({ app: by, epoch }) => [by, epoch]);
  };
  const settings = (fixture: SinkFixture) => fixture.config.table(target.schema.table)!;

  it('R4: a second pipeline writes and removes nothing in the place of the first, by name, until it takes it over', async () => {
    const first = await pipeline();
    const second = await pipeline();
    const one = await run(first);
    await first.publish([1, 2, 3].map((id) => ({ id, log: 10, row: row(id, 10) })));
    await caughtUp(first);
    const two = await run(second);
    // It is seen before the first event.
    const { table } = target.schema;
    expect(suspended(two)).toMatchObject([
      { table, code: 'FOREIGN_PLACE', reason: expect.stringContaining(first.config.prefix) },
    ]);
    expect(suspended(two)[0]!.remedy).toMatch(/tributary targets adopt.*shared: true/);
    await second.publish([
      { id: 1, log: 500, row: row(1, 500) },
      { id: 2, log: 501 },
    ]);
    await load(second, 600, [7], 1);
    expect(await held(1, 2, 3, 7)).toEqual([version(10), version(10), version(10), undefined]);
    expect(await two.counted()).toEqual({ suspended: 3 });
    expect(suspended(one)).toEqual([]);

    const { pipeline: id, name: prefix } = second.identity;
    const taken = await takeOver(target.places, targetPlugin(name), settings(second), {
      pipeline: id,
      name: prefix,
    });
    expect(taken).toMatchObject({ epoch: 1, from: [{ name: first.config.prefix }] });
    // What is skipped from now on waits for versions above all that is held.
    await second.publish([{ id: 1, log: 700, row: row(1, 700) }]);
    await caughtUp(second);
    await waitFor(() => suspended(two).length === 0, { timeoutMs: 20_000 });
    expect(await held(1, 2, 3)).toEqual([version(10), version(10), version(10)]);
    expect(await demands(second)).toEqual([[app, 1]]);
    await second.identify({ epoch: 2 });
    await load(second, 800, [1, 7], 2);
    expect(await held(1, 2, 3, 7)).toEqual([version(801, 2), undefined, undefined, version(801, 2)]);
    // The first pipeline finds that the place is no longer its own.
    await waitFor(() => suspended(one).length === 1, { timeoutMs: 30_000 });
    await first.publish([{ id: 3, log: 9000, row: row(3, 9000) }]);
    await caughtUp(first);
    expect(await held(3)).toEqual([undefined]);
  });

  it('R4, R12: two pipelines of one name do not take each other’s positions for their own', async () => {
    const first = await pipeline();
    await run(first);
    await first.publish([{ id: 1, log: 10, row: row(1, 10) }]);
    await caughtUp(first);
    await sinks.pop()!.stop();
    // Another server and another Kafka under the same prefix: here the identity alone tells.
    await first.identify({ pipeline: token(), incarnation: token() });
    const second = await run(first);
    expect(suspended(second)).toMatchObject([{ code: 'FOREIGN_PLACE' }]);
    const { records } = await target.places.near(target.places.groupPlace(`${first.config.prefix}.${app}`));
    expect(records[0]!.owners.map(({ pipeline: owner }) => owner)).not.toContain(first.identity.pipeline);
  });

  it('R4: versions of another change log are not compared with those that are held: the relay is asked for higher ones', async () => {
    const fixture = await pipeline();
    await fixture.identify({ epoch: 3 });
    const sink = await run(fixture);
    await fixture.publish([1, 2, 3].map((id) => ({ id, log: 10, row: row(id, 10), epoch: 3 })));
    await caughtUp(fixture);
    // The log began again, and its relay does not know how high the versions were.
    await fixture.identify({ incarnation: token(), epoch: 2 });
    await sinks.pop()!.stop();
    await run(fixture);
    await fixture.publish([
      { id: 1, log: 900, row: row(1, 900), epoch: 2 },
      { id: 2, log: 901, epoch: 2 },
    ]);
    await load(fixture, 950, [9], 2);
    expect(await held(1, 2, 3, 9)).toEqual([version(10, 3), version(10, 3), version(10, 3), undefined]);
    expect(await demands(fixture)).toEqual([[app, 3]]);
    await fixture.identify({ epoch: 4 });
    await load(fixture, 20, [1, 9], 4);
    expect(await held(1, 2, 3, 9)).toEqual([version(21, 4), undefined, undefined, version(21, 4)]);
    expect(suspended(sink)).toEqual([]);
    const { records } = await target.places.near(targetPlugin(name).place(settings(fixture)));
    expect(records[0]!.owners).toMatchObject([{ epoch: 4, incarnation: fixture.identity.incarnation }]);
  });

  it('R4: a place that both declare shared takes rows of both, and is not swept', async () => {
    const shared = `${name}: { shared: true }`;
    const first = await pipeline(shared);
    const second = await pipeline(shared);
    const third = await pipeline();
    const [one, two] = [await run(first), await run(second)];
    await first.publish([{ id: 1, log: 10, row: row(1, 10) }]);
    await caughtUp(first);
    await load(second, 100, [2], 1);
    expect(await held(1, 2)).toEqual([version(10), version(101)]);
    expect([...suspended(one), ...suspended(two)]).toEqual([]);
    const three = await run(third);
    expect(suspended(three)).toMatchObject([
      { reason: expect.stringMatching(/the other one says shared: true/) },
    ]);
  });

  it('R4, R11: an event of an epoch that no relay has given is a dead letter, not a version that nothing outranks', async () => {
    const fixture = await pipeline();
    await run(fixture);
    await fixture.publish([
      { id: 1, log: 10, row: row(1, 10) },
      { id: 2, log: 10, row: row(2, 10), epoch: 9000 },
    ]);
    await waitFor(async () => (await fixture.deadLetters()).length === 1, {
      timeoutMs: 40_000,
      everyMs: 500,
    });
    await caughtUp(fixture);
    expect(await held(1, 2)).toEqual([version(10), undefined]);
  });

  it('R14: before the relay has said whose pipeline it is, a sink awaits its work, ready, and applies nothing', async () => {
    const fixture = await pipeline();
    await fixture.silence();
    const { pipeline: sink, context } = await run(fixture);
    await fixture.publish([{ id: 1, log: 10, row: row(1, 10) }]);
    const awaited = expect.stringMatching(/waits for the relay/);
    expect(sink.server.state).toMatchObject({ awaits: awaited, trouble: null, joined: false });
    expect(Object.fromEntries(await context.health.readiness())).toMatchObject({ kafka: null, [name]: null });
    expect(context.health.details().get('work')).toEqual({ awaited });
    await sleep(1000);
    expect(await held(1)).toEqual([undefined]);
    await fixture.identify();
    await caughtUp(fixture);
    expect(await held(1)).toEqual([version(10)]);
    expect(context.health.details().has('work')).toBe(false);
  });
});
