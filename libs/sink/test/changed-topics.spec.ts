import { lostRecord } from '@tributary/contract';
import { stackEnv, uniqueName, waitFor } from '@tributary/testing';
import { SinkBench, version, type RunningSink } from './sink-bench';
import { mongoTarget, redisTarget, type TestTarget } from './targets';

jest.setTimeout(120_000);

const row = (id: number, log: number) => ({ id, name: `n${log}`, qty: log });
const rows = (log: number, ...ids: number[]) => ids.map((id) => ({ id, log, row: row(id, log) }));

const targets = {
  mongo: () => mongoTarget(stackEnv().MONGODB_URI),
  redis: () => redisTarget(stackEnv().REDIS_URL),
};

describe.each(['mongo', 'redis'] as const)('the %s sink, when its topic is made anew', (name) => {
  const app = `${name}-sink`;
  const prefix = uniqueName(`anew_${name}`);
  const group = `${prefix}.${app}`;
  let target: TestTarget;
  let bench: SinkBench;
  let sink: RunningSink;

  const start = async () =>
    (sink = await bench.start(
      ...([name, target.writer, target.positions(group), target.notes(group), target.places] as const),
    ));
  const caughtUp = () =>
    waitFor(async () => (await bench.lag(app)) === 0n, { timeoutMs: 60_000, everyMs: 200 });
  const held = async (...ids: number[]) =>
    (await Promise.all(ids.map((id) => target.held(id)))).map((item) => item?.version);
  const validated = () => bench.config.topics.validated;

  beforeAll(async () => {
    target = await targets[name]();
    bench = new SinkBench(prefix, target.schema);
    await bench.open();
    await start();
  });
  afterAll(async () => {
    await sink.stop();
    await bench.close();
    await target.close();
  });

  it('R12: while the sink is down: all of the new one is applied, and a load of every table is asked for', async () => {
    await bench.publish(rows(10, 1, 2, 3, 4, 5, 6));
    await caughtUp();
    await sink.stop();
    await bench.publish(rows(20, 1, 2));
    await bench.anew(validated());
    // Fewer than before in one partition, so that the old position is past the end.
    await bench.publish(rows(30, 3));
    await start();
    await waitFor(async () => (await bench.demands()).length > 0, { timeoutMs: 30_000 });
    expect(await bench.demands()).toEqual([expect.objectContaining({ app, table: '*' })]);
    await waitFor(async () => (await held(3))[0] === version(30), { timeoutMs: 30_000 });
    await sink.stop();
    await bench.anew(validated());
    // More than before: the old position means another record.
    await bench.publish([...rows(40, 1), ...rows(41, 2, 3, 4)]);
    await start();
    await waitFor(async () => (await held(1))[0] === version(40), { timeoutMs: 30_000 });
    await caughtUp();
  });

  it('R5: a load that began on the old topic and ends on the new one removes no living row', async () => {
    await bench.publish(rows(100, 10, 11, 12));
    await bench.control('load', 200);
    await bench.publish(rows(210, 10));
    await caughtUp();
    // The rows 11 and 12 of the load are lost with the topic.
    await bench.anew(validated());
    await bench.control('sweep', 200);
    await bench.publish(rows(220, 13));
    await waitFor(async () => (await held(13))[0] === version(220), { timeoutMs: 60_000 });
    await caughtUp();
    expect(await held(10, 11, 12)).toEqual([210, 100, 100].map((log) => version(log)));
  });

  it('R5: a load across a hole that the validator told of removes nothing; the next one does', async () => {
    await bench.control('load', 300);
    const publisher = bench.kafka.publisher();
    await publisher.send(validated(), [{ ...lostRecord('test'), partition: 1 }]);
    await bench.control('sweep', 300);
    await caughtUp();
    expect(await held(11)).toEqual([version(100)]);
    await bench.control('load', 400);
    await bench.publish(rows(410, 13));
    await bench.control('sweep', 400);
    await publisher.stop();
    await waitFor(async () => (await held(11))[0] === undefined, { timeoutMs: 30_000 });
    expect(await held(13)).toEqual([version(410)]);
  });

  it('R11: an event whose schema went with its topic waits for it, and is no dead letter', async () => {
    await sink.stop();
    await bench.anew(bench.config.topics.schemas);
    await start();
    await bench.publish(rows(500, 20));
    await waitFor(() => sink.pipeline.server.state.trouble?.includes('schemas topic'), { timeoutMs: 30_000 });
    await bench.schema();
    await waitFor(async () => (await held(20))[0] === version(500), { timeoutMs: 60_000 });
    expect(await bench.deadLetters()).toEqual([]);
  });
});
