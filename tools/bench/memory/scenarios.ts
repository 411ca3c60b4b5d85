import type { Connection } from 'mysql2/promise';
import type { ServiceName } from '@tributary/dev-services';
import type { ServerName } from '@tributary/dev-stack';
import { fillRows, rowsIn, TABLE } from '../source';
import { bodies, insertLarge, loadLarge, type Body } from './large-rows';

export const scenarioNames = ['backlog', 'transaction', 'outage', 'large', 'load'] as const;
export type ScenarioName = (typeof scenarioNames)[number];

/** What a scenario may do with the system under test. */
export interface Stage {
  readonly source: Connection;
  readonly sourceUrl: string;
  readonly rows: number;
  say(line: string): void;
  startServices(): Promise<void>;
  stopServices(): Promise<void>;
  stopServer(server: ServerName): Promise<void>;
  startServer(server: ServerName): Promise<void>;
  /** Resolves when these services have worked through `events` more than when they were started. */
  finished(events: number, apps?: readonly ServiceName[]): Promise<void>;
  /** The operator's command line. */
  cli(...args: string[]): void;
  /** Notes the most memory that the services have held since they were started. */
  measure(what: string): void;
}

export const scenarios: Readonly<Record<ScenarioName, (stage: Stage) => Promise<void>>> = {
  /** Nothing reads the change log while it fills. */
  async backlog(stage) {
    await stage.stopServices();
    await changeRows(stage, stage.rows);
    await stage.startServices();
    await stage.finished(stage.rows);
    stage.measure(`backlog of ${count(stage.rows)} rows`);
  },

  async transaction(stage) {
    const rows = Math.floor(stage.rows / 10);
    await stage.startServices();
    await ensureRows(stage, rows);
    await stage.stopServices();
    await stage.startServices();
    await stage.source.query(`UPDATE ${TABLE} SET items = items + 1 WHERE id <= ${rows}`);
    await stage.finished(rows);
    stage.measure(`one transaction of ${count(rows)} rows`);
  },

  /** First Kafka is away, then both targets are: the changes wait in the log, then on the topic. */
  async outage(stage) {
    const changes = Math.floor(stage.rows * 1.08);
    await stage.stopServices();
    await stage.startServices();
    await stage.stopServer('kafka');
    await changeRows(stage, changes);
    await stage.stopServer('mongodb');
    await stage.stopServer('redis');
    await stage.startServer('kafka');
    await stage.finished(changes, ['trigger-relay', 'validator']);
    await stage.startServer('mongodb');
    await stage.startServer('redis');
    await stage.finished(changes);
    stage.measure(`outage of ${count(changes)} changes`);
  },

  /** Live: the change log holds their keys, the relay reads them again. */
  async large(stage) {
    for (const body of bodies) {
      await stage.startServices();
      const events = await insertLarge(stage.sourceUrl, body);
      await stage.finished(events, readers(body));
      stage.measure(`${body.name}, live`);
      await stage.stopServices();
    }
  },

  async load(stage) {
    for (const body of bodies) {
      await stage.stopServices();
      const events = await loadLarge(stage.source, stage.sourceUrl, body);
      await stage.startServices();
      stage.cli('snapshot', 'start', '--table', body.table);
      await stage.finished(events, readers(body));
      stage.measure(`${body.name}, load`);
      await stage.stopServices();
    }
  },
};

const all: readonly ServiceName[] = ['trigger-relay', 'validator', 'mongo-sink', 'redis-sink'];
/** What the topic cannot take ends at the relay, in the dead letters. */
const readers = ({ fits }: Body) => (fits ? all : all.slice(0, 1));

const count = (value: number) => value.toLocaleString('en');

/** Makes `changes` changes, in transactions of 50,000: inserts at first, updates when the rows are there. */
async function changeRows(stage: Stage, changes: number): Promise<void> {
  const known = await rowsIn(stage.source, TABLE);
  if (known === 0)
    return fillRows(stage.source, { from: 1, to: changes }, (last) => stage.say(`  ${last} rows`));
  let done = 0;
  for (let from = 1; done < changes; from = from + 50_000 > known ? 1 : from + 50_000) {
    const rows = Math.min(50_000, changes - done, known - from + 1);
    await stage.source.query(
      `UPDATE ${TABLE} SET items = (items + 1) % 500 WHERE id BETWEEN ${from} AND ${from + rows - 1}`,
    );
    done += rows;
    stage.say(`  ${done} changes`);
  }
}

async function ensureRows(stage: Stage, rows: number): Promise<void> {
  const held = await rowsIn(stage.source, TABLE);
  if (held >= rows) return;
  await fillRows(stage.source, { from: held + 1, to: rows }, (last) => stage.say(`  ${last} rows`));
  await stage.finished(rows - held);
}
