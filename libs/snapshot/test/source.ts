import { createCaptureSchema, openMysql, type Connection } from '@tributary/capture';
import { captureDataSource } from '@tributary/capture-store';
import { oneOf, stackEnv, uniqueName } from '@tributary/testing';
import type { DataSource } from 'typeorm';

const environment = stackEnv();

export type Flavour = 'MySQL' | 'MariaDB';
const flavours: [Flavour, ...Flavour[]] = environment.MARIADB_URL ? ['MySQL', 'MariaDB'] : ['MySQL'];
/** What is read is tried on both for each commit (chunk-reader.spec); how loads go on is the same whichever server it is. */
export const usualFlavours = oneOf(...flavours);

/** A database and a capture schema of a test's own. */
export interface Source {
  readonly database: string;
  readonly captureSchema: string;
  readonly url: string;
  readonly adminUrl: string;
  readonly admin: Connection;
  /** The relay's account. */
  readonly relay: Connection;
  readonly data: DataSource;
  close(): Promise<void>;
}

export async function openSource(flavour: Flavour): Promise<Source> {
  const maria = flavour === 'MariaDB';
  const url = (maria ? environment.MARIADB_URL : environment.MYSQL_URL)!;
  const adminUrl = (maria ? environment.ADMIN_MARIADB_URL : environment.ADMIN_MYSQL_URL)!;
  const admin = await openMysql(adminUrl);
  const relay = await openMysql(url);
  const database = uniqueName('loads');
  const captureSchema = uniqueName('tributary_loads');
  await admin.query(`CREATE DATABASE ${database} CHARACTER SET utf8mb4`);
  await createCaptureSchema(relay, captureSchema);
  const data = await captureDataSource(url, captureSchema).initialize();
  return {
    database,
    captureSchema,
    url,
    adminUrl,
    admin,
    relay,
    data,
    async close() {
      await data.destroy();
      await admin.query(`DROP DATABASE ${database}`);
      await admin.query(`DROP DATABASE ${captureSchema}`);
      admin.destroy();
      relay.destroy();
    },
  };
}
