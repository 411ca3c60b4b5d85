import 'reflect-metadata';
import { mysqlSource } from '@tributary/capture';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { SnapshotJob } from './snapshot-job.entity';

/** `libs/capture` owns the tables' definition, so nothing here ever alters them. */
export function captureStoreOptions(url: string, schema: string): DataSourceOptions {
  const { protocol, hostname, port, username, password } = new URL(url);
  const { options, driver } = mysqlSource(url);
  return {
    type: protocol === 'mariadb:' ? 'mariadb' : 'mysql',
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || 3306),
    username: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: schema,
    entities: [SnapshotJob],
    synchronize: false,
    charset: 'utf8mb4',
    timezone: 'Z',
    supportBigNumbers: true,
    bigNumberStrings: true,
    poolSize: 2,
    driver,
    extra: { ...options, database: schema, dateStrings: false },
  };
}

/** A TypeORM data source over the capture schema, not yet initialised. */
export const captureDataSource = (url: string, schema: string): DataSource =>
  new DataSource(captureStoreOptions(url, schema));

/**
 * Ends a data source that is initialised again later. TypeORM takes one whose pool did not close in order for one that
 * is still initialised, and would refuse that for ever.
 */
export async function endDataSource(source: Pick<DataSource, 'destroy'>): Promise<void> {
  try {
    await source.destroy();
  } catch {
    Object.assign(source, { isInitialized: false });
  }
}
