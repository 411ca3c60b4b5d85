import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeadLetterWriter } from '@tributary/dead-letters';
import { install, Servers } from '@tributary/operations';
import { repositoryRoot, type StackEnv } from '@tributary/dev-stack';
import { ensureTopics } from '@tributary/topics';
import { openSource } from '../source';

export const folder = join(repositoryRoot, '.tributary/bench-console');

const DATABASE = 'bench_console';
const silent = { debug() {}, info() {}, warn() {}, error() {} };
/** Records of one request to Kafka. */
const TOGETHER = 500;
/** Causes that the dead letters have, as many as a bad release makes. */
const CAUSES = 20;
const PARTITIONS = 12;

/** What a console looks at: captured tables without rows, and dead letters of them; no service runs. */
export class WatchedPipeline {
  readonly syncFile = join(folder, 'sync.yaml');
  readonly #servers: Servers;

  constructor(private readonly env: StackEnv) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      this.syncFile,
      `topics: { prefix: ${DATABASE}, partitions: ${PARTITIONS} }\ncapture: { schema: tributary_${DATABASE} }\ntables: [{ table: ${DATABASE}.* }]\n`,
    );
    const variables = { ...process.env, ...env, SYNC_CONFIG: this.syncFile };
    this.#servers = new Servers({ mysql: true, kafka: true }, silent, variables);
  }

  /** Makes the tables, installs capture on them, and makes the topics. */
  async prepare(tables: number): Promise<void> {
    const source = await openSource(this.env.ADMIN_MYSQL_URL);
    try {
      await source.query(`CREATE DATABASE ${DATABASE} CHARACTER SET utf8mb4`);
      for (let table = 1; table <= tables; table += 1)
        await source.query(
          `CREATE TABLE ${DATABASE}.table_${table} (id INT PRIMARY KEY, name VARCHAR(80), price DECIMAL(10, 2), at DATETIME(6), note TEXT)`,
        );
    } finally {
      await source.end();
    }
    await install({ servers: this.#servers, log: silent, note: () => undefined }, {});
    await ensureTopics(this.#servers.kafka, this.#servers.config);
  }

  /** Adds so many dead letters of about `bytes` bytes each. */
  async addDeadLetters(count: number, bytes: number): Promise<void> {
    const { kafka, config } = this.#servers;
    const publisher = kafka.publisher();
    await publisher.start();
    try {
      const writer = new DeadLetterWriter(publisher, config.topics.deadLetters, 'validator');
      for (let from = 0; from < count; from += TOGETHER)
        await writer.send(
          Array.from({ length: Math.min(TOGETHER, count - from) }, (_, at) => rejected(from + at, bytes)),
        );
    } finally {
      await publisher.stop();
    }
  }

  close(): Promise<void> {
    return this.#servers.close();
  }
}

function rejected(id: number, bytes: number) {
  const cause = id % CAUSES;
  const table = `${DATABASE}.table_${1 + cause}`;
  const after = { id, name: `row ${id}`, price: '1.50', note: 'x'.repeat(bytes) };
  return {
    batch: { topic: `${DATABASE}.changes`, partition: id % PARTITIONS },
    record: {
      key: Buffer.from(JSON.stringify({ table, key: { id } })),
      value: Buffer.from(JSON.stringify({ before: null, after, op: 'u', ts_ms: Date.now() })),
      headers: { v: '0001000000000000001', schema: '0123456789abcdef', crc: '00000000' },
      ...{ offset: String(id), timestamp: String(Date.now()) },
    },
    rejection: { code: 'INVALID_ROW' as const, reason: `column c${cause}: it is too long` },
  };
}
