import { join } from 'node:path';
import { startDetached, stackFolder, redisServer, loadState, saveState } from '@tributary/dev-stack';

/** Where a server of a stack keeps its data. */
export function dataFolder(stack: string, server: 'redis' | 'mongodb'): string {
  const name = server === 'redis' ? 'data' : `data-${loadState(stack)!.servers.mongodb!.kind}`;
  return join(stackFolder(stack), server, name);
}

/** Starts the stopped Redis of a stack with further options; it is the stack's as if the stack had started it. */
export async function startRedisWith(stack: string, ...options: readonly string[]): Promise<void> {
  const state = loadState(stack)!;
  const record = state.servers.redis!;
  const folder = join(stackFolder(stack), 'redis');
  const { command, args, env } = await redisServer.prepare({
    stack: state,
    record,
    folder,
    say: () => undefined,
  });
  record.process = startDetached(command, [...args, ...options], {
    cwd: folder,
    env: { ...process.env, ...env },
    log: join(stackFolder(stack), 'logs', 'redis.log'),
  });
  saveState(state);
}
