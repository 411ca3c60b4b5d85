import {
  controlRecord,
  deadLetterHeader,
  formatVersion,
  headerText,
  isLostRecord,
} from '@tributary/contract';
import { groupLag, readAll } from '@tributary/transport';
import { badEvents, dropRecords, sample, stackEnv, waitFor } from '@tributary/testing';
import { ValidatorFixture, type RunningValidator } from './validator-fixture';

const { sampleEvent, schema, table } = sample;

jest.setTimeout(150_000);

describe('the validator and bulk records of loads', () => {
  const fixture = new ValidatorFixture(`tables: [{ table: ${table} }]`);
  const { topics, prefix } = fixture.config;
  const admin = fixture.kafka.admin();
  let running: RunningValidator;

  const group = `${prefix}.validator-loads`;
  const caughtUp = () =>
    waitFor(
      async () => [...(await groupLag(admin, group, topics.loads)).values()].every((lag) => lag === 0n),
      {
        timeoutMs: 60_000,
      },
    );
  const texts = (records: readonly { value: Buffer | null }[]) => records.map(({ value }) => String(value));
  const control = (kind: 'load' | 'sweep', partition: number) => ({
    ...controlRecord({
      ...{ kind, table, schema: schema.fingerprint, floor: formatVersion(1, 5n), job: '1', partitions: 2 },
    }),
    partition,
  });

  beforeAll(async () => {
    await fixture.open();
    running = await fixture.start();
  });
  afterAll(() => fixture.close());

  it('R10, R11: good ones go to their twin, bad ones to the dead letters with the topic that they came by', async () => {
    const good = badEvents.map((_, at) => sampleEvent({ op: 'r', id: at + 1000 }));
    const mixed = badEvents.flatMap(([, , bad], at) => [good[at]!, bad]);
    await fixture.produce(mixed, 1, topics.loads);
    const letters = await fixture.read(topics.deadLetters, badEvents.length);
    const passed = await fixture.read(topics.validatedLoads, good.length);
    expect(texts(passed)).toEqual(good.map(({ value }) => String(value)));
    expect(passed.every(({ partition }) => partition === 1)).toBe(true);
    expect(letters.map(({ headers }) => headerText(headers, deadLetterHeader.code))).toEqual(
      badEvents.map(([, code]) => code),
    );
    for (const { headers } of letters) expect(headerText(headers, deadLetterHeader.topic)).toBe(topics.loads);
    await caughtUp();
    expect(await fixture.read(topics.validated, 0)).toEqual([]);
  });

  it('batches of good ones go on as they stand, control records behind what they speak of', async () => {
    const before = (await fixture.read(topics.validatedLoads, 0)).length;
    const events = (from: number) =>
      Array.from({ length: 150 }, (_, at) => sampleEvent({ op: 'r', id: from + at }));
    await fixture.publisher.send(topics.loads, [control('load', 0)]);
    for (const from of [5000, 6000, 7000]) await fixture.produce(events(from), 0, topics.loads);
    await fixture.publisher.send(topics.loads, [control('sweep', 0)]);
    const added = (await fixture.read(topics.validatedLoads, before + 452)).filter(
      ({ partition }) => partition === 0,
    );
    expect(added.map(({ headers }) => headerText(headers, 'control'))).toEqual([
      'load',
      ...new Array<undefined>(450).fill(undefined),
      'sweep',
    ]);
    expect(texts(added.slice(1, -1))).toEqual(
      [5000, 6000, 7000].flatMap((from) => events(from).map(({ value }) => String(value))),
    );
    const sections = async (topic: string) => {
      const found: string[] = [];
      await readAll(fixture.kafka, topic, (partition, records) => {
        for (let at = 0; partition === 0 && at < records.length; at += 1) {
          const batch = fixture.publisher.wholeBatch(records, at);
          if (batch) found.push(batch.bytes.subarray(61).toString('base64'));
        }
      });
      return found;
    };
    const sent = await sections(topics.loads);
    expect(sent).toHaveLength(3);
    // Not the bytes: they are long to read.
    const passed = await sections(topics.validatedLoads);
    expect(sent.map((section) => passed.includes(section))).toEqual([true, true, true]);
  });

  it('R5, R12: what was lost before it was validated is told to the sinks and the relay', async () => {
    await caughtUp();
    const lowOf = async () => (await admin.watermarks(topics.validatedLoads)).get(0)!.high;
    const end = await lowOf();
    await running.stop();
    await fixture.produce([sampleEvent({ op: 'r', id: 1 })], 0, topics.loads);
    await dropRecords(stackEnv().KAFKA_BROKERS, topics.loads);
    running = await fixture.start();
    await waitFor(async () => (await lowOf()) > end, { timeoutMs: 60_000 });
    const last = (await fixture.read(topics.validatedLoads, 0))
      .filter(({ partition }) => partition === 0)
      .at(-1)!;
    expect(isLostRecord(last)).toBe(true);
    // The live topic has lost nothing.
    expect(await fixture.read(topics.validated, 0)).toEqual([]);
    const lost = running.context.metrics.registry.getSingleMetric('tributary_topic_lost_total')!;
    expect((await lost.get()).values).toEqual([
      expect.objectContaining({ labels: { stage: 'validator', topic: topics.loads }, value: 1 }),
    ]);
  });
});
