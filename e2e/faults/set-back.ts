import { cpSync, existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stackFolder, startServer, stopServer } from '@tributary/dev-stack';
import { serverOf, type OwnStack } from './own-stack';

/**
 * The source loses what was written within `forMs`, as after a failover to a replica that was behind or a restored backup;
 * writers and services notice nothing but lost connections. Only where the server runs on files of this machine.
 */
export async function setBack(stack: OwnStack | undefined, forMs: number): Promise<void> {
  if (!stack) throw new Error('The data of a server that is shared must not be set back.');
  const server = serverOf('mysql', stack);
  const data = join(stackFolder(stack.name), server, 'data');
  // In a container the files are nobody's here.
  if (!existsSync(data)) return;
  const copy = `${data}.earlier`;
  rmSync(copy, { recursive: true, force: true });
  await stopServer(stack.name, server);
  cpSync(data, copy, { recursive: true, preserveTimestamps: true });
  await startServer(stack.name, server);
  await sleep(forMs);
  await stopServer(stack.name, server, 'SIGKILL');
  rmSync(data, { recursive: true, force: true });
  renameSync(copy, data);
  await startServer(stack.name, server);
}
