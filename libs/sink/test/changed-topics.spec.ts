import { lostRecord } from '@tributary/contract';
import { uniqueName, waitFor } from '@tributary/testing';
import type { RunningSink } from './running-sink';
import { SinkFixture, version } from './sink-fixture';
import { eachTarget, type TestTarget } from './targets';

jest.setTimeout(120_000);

const row = (id: number, log: number) => ({ id, name: `n${log}`, qty: log });
const rows = (log: number, ...ids: number[]) => ids.map((id) => ({ id, log, row: row(id, log) }));

describe.each(eachTarget)('the $target sink, when its topic is made anew', ({ target: name, open }) => {
  const app = `${name}-sink`;
  const prefix = uniqueName(`anew_${name}`);
  let target: TestTarget;
  let fixture: SinkFixture;
  let sink: RunningSink;

  const start = async () =>
    (sink = await fixture.start(
      ...([
        name,
        target.writer,
        (of: string) => target.positions(of),
        (of: string) => target.notes(of),
        target.places,
      ] as const),
    ));
  const caughtUp = () =>
    waitFor(async () => (await fixture.lag(app)) === 0n, { timeoutMs: 60_000, everyMs: 200 });
  const held = async (...ids: number[]) =>
    (await Promise.all(ids.map((id) => target.held(id)))).map((item) => item?.version);
  const validated = () => fixture.config.topics.validated;

  beforeAll(async () => {
    target = await open();
    fixture = new SinkFixture(prefix, target.schema);
    await fixture.open();
    await start();
  });
  afterAll(async () => {
    await sink.stop();
    await fixture.close();
    await target.close();
  });

  it('R12: while the sink is down: all of the new one is applied, and a load of every table is asked for', async () => {
    await fixture.publish(rows(10, 1, 2, 3, 4, 5, 6));
    await caughtUp();
    await sink.stop();
    await fixture.publish(rows(20, 1, 2));
    await fixture.anew(validated());
    // Fewer than before in one partition, so that the old position is past the end.
    await fixture.publish(rows(30, 3));
    await start();
    await waitFor(async () => (await fixture.demands()).length > 0, { timeoutMs: 30_000 });
    expect(await fixture.demands()).toEqual([expect.objectContaining({ app, table: '*' })]);
    await waitFor(async () => (await held(3))[0] === version(30), { timeoutMs: 30_000 });
    await sink.stop();
    await fixture.anew(validated());
    // More than before: the old position means another record.
    await fixture.publish([...rows(40, 1), ...rows(41, 2, 3, 4)]);
    await start();
    await waitFor(async () => (await held(1))[0] === version(40), { timeoutMs: 30_000 });
    await caughtUp();
  });

  it('R5: a load that began on the old topic and ends on the new one removes no living row', async () => {
    await fixture.publish(rows(100, 10, 11, 12));
    await fixture.control('load', 200);
    await fixture.publish(rows(210, 10));
    await caughtUp();
    // The rows 11 and 12 of the load are lost with the topic.
    await fixture.anew(validated());
    await fixture.control('sweep', 200);
    await fixture.publish(rows(220, 13));
    await waitFor(async () => (await held(13))[0] === version(220), { timeoutMs: 60_000 });
    await caughtUp();
    expect(await held(10, 11, 12)).toEqual([210, 100, 100].map((log) => version(log)));
  });

  it('R5: a load across a hole that the validator told of removes nothing; the next one does', async () => {
    await fixture.control('load', 300);
    const publisher = fixture.kafka.publisher();
    await publisher.send(validated(), [{ ...lostRecord('test'), partition: 1 }]);
    await fixture.control('sweep', 300);
    await caughtUp();
    expect(await held(11)).toEqual([version(100)]);
    await fixture.control('load', 400);
    await fixture.publish(rows(410, 13));
    await fixture.control('sweep', 400);
    await publisher.stop();
    await waitFor(async () => (await held(11))[0] === undefined, { timeoutMs: 30_000 });
    expect(await held(13)).toEqual([version(410)]);
  });

  it('R11: an event whose schema went with its topic waits for it, and is no dead letter', async () => {
    await sink.stop();
    await fixture.anew(fixture.config.topics.schemas);
    await start();
    await fixture.publish(rows(500, 20));
    await waitFor(() => sink.pipeline.server.state.trouble?.includes('schemas topic'), { timeoutMs: 30_000 });
    await fixture.schema();
    await waitFor(async () => (await held(20))[0] === version(500), { timeoutMs: 60_000 });
    expect(await fixture.deadLetters()).toEqual([]);
  });
});
