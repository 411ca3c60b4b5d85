import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { identify, isAlive, type ProcessId } from '@tributary/dev-stack';

/** Makes this process the only run of the demo in this clone; returns how to end that. Throws when another one runs. */
export function takeRunLock(path: string): () => void {
  const holder = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as ProcessId) : undefined;
  if (holder && isAlive(holder))
    throw new Error(
      `Another demo runs already (pid ${holder.pid}): wait for its end, or stop it with Ctrl-C.`,
    );
  rmSync(path, { force: true });
  mkdirSync(dirname(path), { recursive: true });
  // "wx" refuses when another process was faster since the look above.
  writeFileSync(path, JSON.stringify(identify(process.pid)), { flag: 'wx' });
  return () => rmSync(path, { force: true });
}
