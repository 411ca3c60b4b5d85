import { fatal } from '@tributary/kernel';
import type { Connection } from 'mysql2/promise';
import { select } from './query';

export type Flavour = 'mysql' | 'mariadb';

export interface ServerVersion {
  readonly flavour: Flavour;
  /** As the server says it. */
  readonly version: string;
}

const oldest: Record<Flavour, [name: string, major: number, minor: number]> = {
  mysql: ['MySQL', 8, 0],
  mariadb: ['MariaDB', 10, 5],
};

/** Asks the server what it is; throws a fatal SyncError `PREFLIGHT` when it is too old. */
export async function detectServer(connection: Connection): Promise<ServerVersion> {
  const [row] = await select<{ version: string }>(connection, 'SELECT VERSION() AS version');
  const version = row!.version;
  const flavour: Flavour = /mariadb/i.test(version) ? 'mariadb' : 'mysql';
  const [name, major, minor] = oldest[flavour];
  // Some MariaDB builds put 5.5.5- before their own version.
  const [actualMajor = 0, actualMinor = 0] = version
    .replace(/^5\.5\.5-/, '')
    .split('.')
    .map(Number);
  if (actualMajor < major || (actualMajor === major && actualMinor < minor))
    throw fatal(
      'PREFLIGHT',
      `The server is ${name} ${version}, too old: use ${name} ${major}.${minor} or newer.`,
    );
  return { flavour, version };
}
