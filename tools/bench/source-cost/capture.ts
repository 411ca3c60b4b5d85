import { installCapture, openMysql, uninstallCapture, type Connection } from '@tributary/capture';
import { parseSyncConfig } from '@tributary/sync-config';
import type { Source } from './server';
import { benchTables, DATABASE } from './tables';

export const CAPTURE_SCHEMA = 'tributary_bench_source';

/** The sync file of the benchmark, also for the relay. */
export const syncFile = `topics: { prefix: bench-source, partitions: 4 }
capture: { schema: ${CAPTURE_SCHEMA} }
tables:
${benchTables.map(({ name }) => `  - table: ${DATABASE}.${name}`).join('\n')}
`;

export async function install(source: Source): Promise<void> {
  await withRelay(source, (relay) => installCapture(relay, parseSyncConfig(syncFile)));
}

export async function uninstall(source: Source): Promise<void> {
  await withRelay(source, (relay) =>
    uninstallCapture(relay, { captureSchema: CAPTURE_SCHEMA }, { all: true }),
  );
}

async function withRelay(source: Source, work: (relay: Connection) => Promise<unknown>): Promise<void> {
  const relay = await openMysql(source.relayUrl);
  try {
    await work(relay);
  } finally {
    await relay.end();
  }
}

export const emptyLog = (connection: Connection) => connection.query(`TRUNCATE ${CAPTURE_SCHEMA}.change_log`);

/** Makes the tables anew, without a row. */
export async function makeTables(source: Source): Promise<void> {
  const admin = await openMysql(source.adminUrl);
  try {
    await admin.query(`DROP DATABASE IF EXISTS ${DATABASE}`);
    await admin.query(`CREATE DATABASE ${DATABASE} CHARACTER SET utf8mb4`);
    for (const { name, columns } of benchTables)
      await admin.query(`CREATE TABLE ${DATABASE}.${name} (${columns})`);
  } finally {
    await admin.end();
  }
}

export async function dropTables(source: Source): Promise<void> {
  const admin = await openMysql(source.adminUrl);
  await admin.query(`DROP DATABASE IF EXISTS ${DATABASE}`);
  await admin.end();
}
