import { readFileSync, writeFileSync } from 'node:fs';
import { createKafka } from '@tributary/transport-kafkajs';
import { stackEnv, waitFor } from '@tributary/testing';
import { Pipeline } from './support/pipeline';

jest.setTimeout(180_000);

/** The sync file of the pipelines here begins with so many. */
const [BEFORE, AFTER] = [4, 8];
const silent = { debug() {}, info() {}, warn() {}, error() {} };

describe('another number of partitions, as docs/operations.md has it', () => {
  const pipeline = new Pipeline();
  const kafka = createKafka({ brokers: stackEnv().KAFKA_BROKERS.split(','), clientId: 'e2e' }, silent);
  const topics = ['changes', 'validated', 'loads', 'validated-loads', 'dead-letters'].map(
    (name) => `${pipeline.prefix}.${name}`,
  );
  const raise = async (names: readonly string[], count: number) => {
    const admin = kafka.client.admin();
    await admin.connect();
    await admin.createPartitions({ topicPartitions: names.map((topic) => ({ topic, count })) });
    await admin.disconnect();
  };
  const topicAdmin = kafka.admin();
  const records = async (topic: string) =>
    [...(await topicAdmin.watermarks(topic)).values()].reduce((sum, { high }) => sum + Number(high), 0);
  /** Until the topic holds so many more records than before `work`. */
  const adding = async (topic: string, more: number, work: () => Promise<unknown>) => {
    const before = await records(topic);
    await work();
    await waitFor(async () => (await records(topic)) >= before + more, { timeoutMs: 60_000 });
  };
  const stopAll = () => Promise.all([...pipeline.services.values()].map((service) => service.end('SIGTERM')));
  const write = (sql: string) => pipeline.admin.query(sql);

  beforeAll(() => pipeline.prepare(['CREATE TABLE things (id INT PRIMARY KEY, n INT)']));
  afterAll(() => pipeline.stop());

  it('R3, R4: raised with changes of the same rows on their old partitions and on their new ones, all is equal', async () => {
    const rows = Array.from({ length: 200 }, (_, id) => [id, 0]);
    await pipeline.admin.query('INSERT INTO things VALUES ?', [rows]);
    await pipeline.startAll();
    await pipeline.untilEqual();
    // Somebody has raised one topic already, and nobody noticed.
    await raise(topics.slice(0, 1), BEFORE + 1);
    // These wait on the old partitions: for the validator, and for the sinks.
    await Promise.all(
      (['mongo-sink', 'redis-sink'] as const).map((app) => pipeline.services.get(app)!.end('SIGTERM')),
    );
    await adding(topics[1]!, 140, async () => {
      await write('UPDATE things SET n = 1 WHERE id < 120');
      await write('DELETE FROM things WHERE id BETWEEN 60 AND 79');
    });
    await pipeline.services.get('validator')!.end('SIGTERM');
    await adding(topics[0]!, 100, () => write('UPDATE things SET n = 2 WHERE id BETWEEN 20 AND 140'));
    await stopAll();

    await raise(topics, AFTER);
    const file = readFileSync(pipeline.syncFile, 'utf8');
    writeFileSync(pipeline.syncFile, file.replace(`partitions: ${BEFORE}`, `partitions: ${AFTER}`));
    await write('UPDATE things SET n = 3 WHERE id BETWEEN 40 AND 160');
    await write('INSERT INTO things VALUES (65, 4)');
    await write('DELETE FROM things WHERE id BETWEEN 100 AND 109');
    await pipeline.startAll();
    expect((await pipeline.cli('snapshot', 'start')).status).toBe(0);
    await pipeline.untilEqual();
    await write('UPDATE things SET n = n + 10');
    await pipeline.untilEqual();

    for (const topic of topics.slice(0, 2)) {
      const marks = [...(await topicAdmin.watermarks(topic)).values()];
      expect([topic, marks.filter(({ high }) => high > 0n).length]).toEqual([topic, AFTER]);
    }
    const letters = await topicAdmin.watermarks(topics[2]!);
    expect([...letters.values()].map(({ high }) => high)).toEqual(Array(AFTER).fill(0n));
    expect((await pipeline.cli('snapshot', 'status')).status).toBe(0);
  });
});
