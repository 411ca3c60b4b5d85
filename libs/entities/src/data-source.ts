import 'reflect-metadata';
import { DataSource } from 'typeorm';
import { ChangeLog } from './change-log.entity';
import { RelayState } from './relay-state.entity';
import { SnapshotJob } from './snapshot-job.entity';
import { TableShape } from './table-shape.entity';

const captureEntities = [ChangeLog, TableShape, RelayState, SnapshotJob];

/**
 * A TypeORM data source over the capture schema, not yet initialised. `libs/capture` owns the tables' definition, so
 * nothing here ever alters them. `source`: how libs/capture connects, `mysqlOptions(url)` and `pinnedDriver`, so that its
 * pool's sessions depend on no setting of the server either.
 */
export function captureDataSource(
  url: string,
  schema: string,
  source: { readonly options: object; readonly driver: object },
): DataSource {
  const { protocol, hostname, port, username, password } = new URL(url);
  return new DataSource({
    type: protocol === 'mariadb:' ? 'mariadb' : 'mysql',
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || 3306),
    username: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: schema,
    entities: captureEntities,
    synchronize: false,
    charset: 'utf8mb4',
    timezone: 'Z',
    supportBigNumbers: true,
    bigNumberStrings: true,
    poolSize: 2,
    driver: source.driver,
    extra: { ...source.options, database: schema, dateStrings: false },
  });
}
