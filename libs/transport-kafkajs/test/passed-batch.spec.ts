import { randomBytes } from 'node:crypto';
import {
  OversizeRecordError,
  readAll,
  readTail,
  type InRecord,
  type OutRecord,
  type PassedBatch,
} from '@tributary/transport';
import { Bench } from './support';

jest.setTimeout(90_000);

const rows = (count: number, from = 0, value = (at: number) => `the row number ${at} `.repeat(9)) =>
  Array.from({ length: count }, (_, at) => ({
    key: 'k',
    value: value(at + from),
    headers: { n: String(at + from) },
    partition: 0,
  }));
const numberOf = ({ headers }: Pick<InRecord, 'headers'>) => Number(String(headers['n']));

describe('batches that are passed on', () => {
  const bench = new Bench();
  const publisher = bench.kafka().publisher();
  afterAll(async () => {
    await publisher.stop();
    await bench.clear();
  });

  /** Sends each list as a batch of its own, and reads it back. */
  async function stored(topic: string, batches: readonly OutRecord[][]): Promise<InRecord[]> {
    for (const batch of batches) await publisher.send(topic, batch);
    const records: InRecord[] = [];
    await readAll(bench.kafka(), topic, (_, found) => records.push(...found));
    return records;
  }
  const whole = (records: readonly InRecord[], from: number): PassedBatch => ({
    partition: 0,
    batch: publisher.wholeBatch(records, from)!,
  });
  const numbers = async (topic: string) => (await readTail(bench.kafka(), topic, 1000)).map(numberOf);

  it('R3: land as they are, between records, in the order in which they were handed over', async () => {
    const { topics } = await bench.pipeline(1);
    const found = await stored(topics.changes, [rows(30), rows(40, 30), rows(30, 70)]);
    const items = [whole(found, 0), ...rows(2, 200), whole(found, 30), whole(found, 70), ...rows(2, 300)];
    await Promise.all([
      publisher.send(topics.validated, items),
      publisher.send(topics.validated, rows(1, 400)),
    ]);
    const expected = [...rows(30), ...rows(2, 200), ...rows(70, 30), ...rows(2, 300), ...rows(1, 400)];
    expect(await numbers(topics.validated)).toEqual(expected.map(numberOf));
    const landed: InRecord[] = [];
    await readAll(bench.kafka(), topics.validated, (_, records) => landed.push(...records));
    const section = (records: readonly InRecord[], from: number) =>
      publisher.wholeBatch(records, from)!.bytes.subarray(61);
    for (const [before, after] of [
      [0, 0],
      [30, 32],
      [70, 72],
    ] as const)
      expect(section(landed, after).equals(section(found, before))).toBe(true);
  });

  it('R11: go record by record where the topic does not take them whole; what it does not take at all is named', async () => {
    const config = bench.config(1);
    const { topics } = config;
    const settings = { 'message.timestamp.type': 'LogAppendTime', 'max.message.bytes': '20000' };
    // Made with its bound: one that is set later a broker obeys when it gets round to it.
    await bench
      .kafka()
      .admin()
      .createTopics([{ topic: topics.validated, partitions: 1, settings }]);
    await bench.make(config);
    const value = (at: number) => randomBytes(at === 35 ? 30_000 : 900).toString('latin1');
    const found = await stored(topics.changes, [rows(30, 0, value), rows(30, 30, value)]);
    const items = [...rows(2, 100), whole(found, 0), whole(found, 30), ...rows(1, 200)];
    const error: unknown = await publisher.send(topics.validated, items).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OversizeRecordError);
    // Two records stand before the batches.
    expect(error).toMatchObject({ indexes: [37] });
    const expected = [...rows(2, 100), ...rows(60), ...rows(1, 200)].map(numberOf).filter((n) => n !== 35);
    expect([...new Set(await numbers(topics.validated))]).toEqual(expected);
  });
});
