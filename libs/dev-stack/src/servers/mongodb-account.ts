import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mongo } from 'mongoose';
import { servicesAccount } from '../addresses';
import { certificateFiles } from '../certificates';
import { startDetached } from '../detached';
import { stackFolder } from '../paths';
import { isAlive, terminate } from '../process-id';
import type { ServerContext } from './server';

/** Options of secantusd-py for TLS. */
export function mongoTls({ stack }: ServerContext): string[] {
  const { serverCert, serverKey } = certificateFiles(stack.name);
  return ['--tls-cert-file', serverCert, '--tls-key-file', serverKey];
}

/** The services do what docs/security.md says, in every database. */
const accounts = [
  { user: servicesAccount, password: 'services', role: 'readWriteAnyDatabase' },
  { user: 'admin', password: 'admin', role: 'root' },
] as const;

/** Creates the accounts once: the stand-in can only do so while it runs without logins. */
export async function addMongoAccounts(
  context: ServerContext,
  command: string,
  args: readonly string[],
): Promise<void> {
  const { folder, stack, say } = context;
  const marker = join(folder, 'account');
  if (existsSync(marker)) return;
  say('creating the accounts');
  const log = join(stackFolder(stack.name), 'logs/mongodb.log');
  const server = startDetached(command, args, { cwd: folder, env: process.env, log });
  try {
    for (const end = Date.now() + 60_000; ; await sleep(200))
      try {
        await createAccounts(context);
        break;
      } catch (error) {
        if (!isAlive(server) || Date.now() > end) throw error;
      }
    writeFileSync(marker, '');
  } finally {
    await terminate(server, 20_000);
  }
}

async function createAccounts({ stack, record }: ServerContext): Promise<void> {
  const ca = encodeURIComponent(certificateFiles(stack.name).ca);
  const uri = `mongodb://127.0.0.1:${record.port}/?tls=true&tlsCAFile=${ca}`;
  // A client that did not find its server once stays closed, so each attempt has its own.
  const client = new mongo.MongoClient(uri, { serverSelectionTimeoutMS: 1000 });
  try {
    for (const { user, password, role } of accounts)
      await client
        .db('admin')
        .command({ createUser: user, pwd: stack.passwords[password], roles: [{ role, db: 'admin' }] });
  } finally {
    await client.close();
  }
}
