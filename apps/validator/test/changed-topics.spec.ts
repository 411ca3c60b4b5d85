import { controlRecord, formatVersion, headerText, isLostRecord } from '@tributary/contract';
import { ensureTopics, PipelineNotes, SchemaStore } from '@tributary/topics';
import { groupLag } from '@tributary/transport';
import { sample, waitFor } from '@tributary/testing';
import { ValidatorFixture } from './validator-fixture';

const { sampleEvent, schema, table } = sample;

jest.setTimeout(150_000);

describe('the validator, when topics change beneath it', () => {
  const fixture = new ValidatorFixture(`tables: [{ table: ${table} }]`);
  const { topics } = fixture.config;
  const admin = fixture.kafka.admin();
  beforeAll(() => fixture.open());
  afterAll(() => fixture.close());

  const anew = async (...names: string[]) => {
    await admin.deleteTopics(names);
    await waitFor(async () => {
      const left = await admin.topics();
      return names.every((topic) => !left.has(topic));
    });
    await ensureTopics(fixture.kafka, fixture.config);
  };
  const demands = async () => {
    const notes = new PipelineNotes(fixture.kafka, topics.notes, fixture.kafka.log);
    await notes.refresh();
    await notes.close();
    return notes.of('load');
  };
  const passed = async () =>
    (await fixture.read(topics.validated, 0)).map((record) =>
      isLostRecord(record) ? 'lost' : headerText(record.headers, 'v'),
    );
  const v = (version: number) => sampleEvent({ id: 1, version }).headers['v']!.toString();

  it('R12, R5: changes made anew while it is down: said behind the hole, and a load of every table is asked for', async () => {
    const first = await fixture.start();
    await fixture.produce([1, 2, 3].map((version) => sampleEvent({ id: 1, version })));
    await fixture.read(topics.validated, 3);
    const confirmed = async () =>
      (await groupLag(admin, `${fixture.config.prefix}.validator`, topics.changes)).get(0);
    await waitFor(async () => (await confirmed()) === 0n);
    await first.stop();
    expect(await passed()).toEqual([v(1), v(2), v(3)]);
    await anew(topics.changes);
    await fixture.produce([sampleEvent({ id: 1, version: 9 })]);
    await fixture.start();
    await waitFor(async () => (await passed()).includes(v(9)), { timeoutMs: 60_000 });
    expect(await passed()).toEqual([v(1), v(2), v(3), 'lost', v(9)]);
    expect(await demands()).toEqual([expect.objectContaining({ app: 'validator', table: '*' })]);
  });

  it('R12, R5: changes made anew while it runs: the end of a load passes behind the hole only', async () => {
    const before = (await passed()).length;
    await anew(topics.changes);
    const { fingerprint } = schema;
    const floor = formatVersion(1, 20n);
    const end = controlRecord({ kind: 'sweep', table, schema: fingerprint, floor, job: '1', partitions: 2 });
    const ending = Object.fromEntries(
      Object.entries(end.headers).map(([name, text]) => [name, Buffer.from(text)]),
    );
    await fixture.produce([{ key: Buffer.from(end.key), value: Buffer.from(end.value), headers: ending }]);
    await waitFor(async () => (await passed()).includes(floor), { timeoutMs: 60_000 });
    expect((await passed()).slice(before)).toEqual(['lost', floor]);
  });

  it('R11: an event whose schema went with its topic waits for it, and is no dead letter', async () => {
    await anew(topics.schemas);
    const fresh = await fixture.start();
    await fixture.produce([sampleEvent({ id: 2, version: 30 })], 0);
    await fixture.produce([sampleEvent({ id: 2, version: 31 })], 1);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    await new SchemaStore(fixture.kafka, topics.schemas, fixture.kafka.log).publish(
      fixture.publisher,
      schema,
    );
    await waitFor(
      async () => {
        const versions = await passed();
        return [v(30), v(31)].every((version) => versions.includes(version));
      },
      { timeoutMs: 60_000 },
    );
    expect(await fixture.read(topics.deadLetters, 0)).toEqual([]);
    await fresh.stop();
  });

  it('R3: topics with more partitions than the sync file are named in readiness and metrics', async () => {
    const client = fixture.kafka.client.admin();
    await client.connect();
    await client.createPartitions({ topicPartitions: [{ topic: topics.validated, count: 5 }] });
    await client.disconnect();
    const { context } = await fixture.start();
    const detail = await waitFor(() => context.health.details().get('topics')?.[topics.validated], {
      timeoutMs: 30_000,
    });
    expect(detail).toContain('has 5 partitions, the sync file says 2');
    await waitFor(async () => (await context.health.readiness()).get('kafka') === null, {
      timeoutMs: 30_000,
    });
    expect(await context.metrics.registry.metrics()).toContain(
      `tributary_topic_unlike{topic="${topics.validated}",problem="raised"} 1`,
    );
    await fixture.produce([sampleEvent({ id: 3, version: 40 })], 1);
    await waitFor(async () => (await passed()).includes(v(40)), { timeoutMs: 60_000 });
  });
});
