import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  countRows,
  insertRows,
  openApplication,
  readArchive,
  type RowSet,
  type TableCounts,
} from '@tributary/gh-archive';
import { createConnection } from 'mysql2/promise';
import { generateRows, octokitRows } from '@tributary/sample-data';
import { repositoryRoot } from '@tributary/dev-stack';
import type { Pipeline } from './pipeline';

/** Creates the sample database, where it is not there yet, with the administrator's account. */
export async function createSchema({ servers }: Pipeline): Promise<void> {
  const admin = await createConnection({ uri: servers.ADMIN_MYSQL_URL, multipleStatements: true });
  try {
    await admin.query(readFileSync(join(repositoryRoot, 'sql/github_data.sql'), 'utf8'));
  } finally {
    await admin.end();
  }
}

export const DEFAULT_ROWS = 20_000;

export interface LoadOptions {
  /** Rows in all, real ones included. With an archive and without `rows`: what the archive holds. */
  readonly rows?: number;
  /** A GH Archive hour file. */
  readonly archive?: string;
  readonly warn: (message: string) => void;
  readonly onProgress?: (rows: number) => void;
  readonly signal?: AbortSignal;
}

/** Fills the sample tables as the application: real rows first, made-up ones up to the number asked for. */
export async function loadSource(pipeline: Pipeline, options: LoadOptions): Promise<TableCounts> {
  const { archive, warn, onProgress, signal, rows = archive ? 0 : DEFAULT_ROWS } = options;
  const application = await openApplication(pipeline.servers.APP_MYSQL_URL);
  let written = 0;
  const write = async (batch: RowSet) => {
    signal?.throwIfAborted();
    written += await insertRows(application, batch);
    onProgress?.(written);
  };
  try {
    await write(octokitRows());
    if (archive) for await (const batch of readArchive(archive, { warn })) await write(batch);
    // An archive names the same ids in many batches, so the tables know best how many rows there are.
    const real = await countSource(pipeline);
    written = real.users + real.repositories;
    for (const batch of generateRows({ rows: Math.max(0, rows - written) })) await write(batch);
  } finally {
    await application.end();
  }
  return countSource(pipeline);
}

/** Rows of the sample tables now. */
async function countSource({ servers }: Pipeline): Promise<TableCounts> {
  const application = await openApplication(servers.APP_MYSQL_URL);
  try {
    return await countRows(application);
  } finally {
    await application.end();
  }
}
