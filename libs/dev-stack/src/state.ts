import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { withLock } from './file-lock';
import { stackFolder, stacksFolder } from './paths';
import type { ProcessId } from './process-id';

export const serverNames = ['mysql', 'mariadb', 'kafka', 'mongodb', 'redis', 'spark'] as const;
export type ServerName = (typeof serverNames)[number];
export const mysqlChoices = ['mysql', 'mariadb', 'both'] as const;
export type MysqlChoice = (typeof mysqlChoices)[number];
export type Provider = 'docker' | 'native';
export const mongoKinds = ['mongod', 'secantus-rs', 'secantus-py'] as const;
export type MongoKind = (typeof mongoKinds)[number];

export interface ServerRecord {
  /** Chosen at the first start and kept, so that addresses survive `down` and `up`. */
  port: number;
  /** A second port where the server needs one (Kafka's controller). */
  innerPort?: number;
  version?: string;
  /** Set from start to stop: a record with a process that is not alive is a server that died. */
  process?: ProcessId;
  /** Which MongoDB-protocol server the data belongs to. */
  kind?: MongoKind;
  /** MongoDB stand-ins only: writes are acknowledged before they are safe from a kill. */
  unsynced?: boolean;
  /** Kafka and Spark only: the JVM compiles for a long run instead of a quick start. */
  longRunning?: boolean;
  /** Somebody else's server, used as it is. */
  external?: string;
  /** Fingerprint of the accounts file that was applied last. */
  accounts?: string;
}

export interface StackState {
  readonly name: string;
  provider: Provider;
  choice: MysqlChoice;
  /** Spark stands beside the others. */
  spark?: boolean;
  /** Every server asks for TLS and a login (native provider only). */
  readonly secure?: boolean;
  /** Every server's folder is a small file system of its own (native provider only); see disk.ts. */
  readonly disks?: boolean;
  /** Development passwords, made at random for each stack; `services`: at Kafka, MongoDB and Redis, if secure. */
  readonly passwords: Readonly<Record<'admin' | 'relay' | 'app' | 'services', string>>;
  readonly servers: Partial<Record<ServerName, ServerRecord>>;
}

const stateFile = (name: string) => join(stackFolder(name), 'state.json');

/** What is known of a stack; undefined when it was never started or was reset. */
export function loadState(name: string): StackState | undefined {
  const file = stateFile(name);
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as StackState;
  } catch (cause) {
    throw new Error(
      `${file} cannot be read as JSON; remove the stack with: npm run stack -- reset --name ${name}`,
      {
        cause,
      },
    );
  }
}

export function newState(
  name: string,
  provider: Provider,
  { secure = false, disks = false }: { readonly secure?: boolean; readonly disks?: boolean } = {},
): StackState {
  const password = () => randomBytes(12).toString('hex');
  return {
    name,
    provider,
    choice: 'mysql',
    ...(secure && { secure }),
    ...(disks && { disks }),
    passwords: { admin: password(), relay: password(), app: password(), services: password() },
    servers: {},
  };
}

/** Replaces the file in one step: `env` and `status` read it without a lock. */
export function saveState(state: StackState): void {
  const file = stateFile(state.name);
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(state, null, 2) + '\n', { mode: 0o600 });
  chmodSync(draft, 0o600);
  renameSync(draft, file);
}

/** All stacks of this clone, whether they run or not. */
export function allStates(): StackState[] {
  if (!existsSync(stacksFolder)) return [];
  return readdirSync(stacksFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => loadState(entry.name))
    .filter((state) => state !== undefined);
}

/** One command at a time changes a stack. */
export function withStackLock<T>(
  name: string,
  work: () => Promise<T>,
  say?: (line: string) => void,
): Promise<T> {
  return withLock(`${stackFolder(name)}.lock`, work, (pid) =>
    say?.(`another command (pid ${pid}) is changing the stack "${name}"; waiting for it`),
  );
}

/** Spark is a process of this machine also where the others are containers: its workers use the addresses of `env`. */
export const runsNatively = ({ provider }: StackState, server: ServerName) =>
  provider === 'native' || server === 'spark';

/** The servers that make up a stack, by the choice of its source database. */
export function wantedServers({ choice, spark }: Pick<StackState, 'choice' | 'spark'>): ServerName[] {
  const sources: ServerName[] = choice === 'both' ? ['mysql', 'mariadb'] : [choice];
  return [...sources, 'kafka', 'mongodb', 'redis', ...(spark ? (['spark'] as const) : [])];
}
