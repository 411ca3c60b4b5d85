import { openMysql, type Connection } from '@tributary/capture';
import { stackEnv, uniqueName } from '@tributary/testing';

const environment = stackEnv();

type Flavour = 'mysql' | 'mariadb';
/** Both servers, where the stack has both; for `describe.each`. */
export const flavours: Flavour[] = environment.ADMIN_MARIADB_URL ? ['mysql', 'mariadb'] : ['mysql'];

/** A server under test with the name of a capture schema of its own, which is dropped at the end. */
export interface Source {
  readonly captureSchema: string;
  /** Address of the relay's account. */
  readonly url: string;
  /** May do everything. */
  readonly admin: Connection;
  /** The relay's account. */
  readonly relay: Connection;
  close(): Promise<void>;
}

export async function openSource(flavour: Flavour): Promise<Source> {
  const maria = flavour === 'mariadb';
  const url = (maria ? environment.MARIADB_URL : environment.MYSQL_URL)!;
  const admin = await openMysql((maria ? environment.ADMIN_MARIADB_URL : environment.ADMIN_MYSQL_URL)!);
  const relay = await openMysql(url);
  const captureSchema = uniqueName('tributary_store');
  return {
    ...{ captureSchema, url, admin, relay },
    async close() {
      await admin.query(`DROP DATABASE IF EXISTS ${captureSchema}`);
      admin.destroy();
      relay.destroy();
    },
  };
}
