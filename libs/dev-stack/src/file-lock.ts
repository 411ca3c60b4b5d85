import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify, isAlive, type ProcessId } from './process-id';

/** Creates `path` with its content in one step, so that nobody ever reads a half-written lock. */
function createWhole(path: string, content: string): boolean {
  const draft = `${path}.${randomUUID()}`;
  writeFileSync(draft, content);
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function holderOf(path: string): ProcessId | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessId;
  } catch {
    return undefined;
  }
}

/** Removes a lock whose holder died. Only one process at a time may judge, else a fresh lock could be removed. */
function removeIfStale(path: string): void {
  const judge = `${path}.judge`;
  if (!createWhole(judge, '')) {
    const judgedSince = statSync(judge, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - judgedSince > 10_000) rmSync(judge, { force: true });
    return;
  }
  const holder = holderOf(path);
  if (holder && !isAlive(holder)) rmSync(path, { force: true });
  rmSync(judge, { force: true });
}

const queues = new Map<string, Promise<unknown>>();

/**
 * Runs `work` while no other process, and no other caller in this process, runs under the same lock file.
 * A lock left by a process that died is taken over. `onWait` is told once who holds it.
 */
export async function withLock<T>(
  path: string,
  work: () => Promise<T>,
  onWait?: (pid: number) => void,
): Promise<T> {
  const before = queues.get(path) ?? Promise.resolve();
  const turn = before.then(() => underFileLock(path, work, onWait));
  queues.set(
    path,
    turn.catch(() => undefined),
  );
  return turn;
}

async function underFileLock<T>(
  path: string,
  work: () => Promise<T>,
  onWait?: (pid: number) => void,
): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  const me = JSON.stringify(identify(process.pid));
  for (let told = false; !createWhole(path, me); await sleep(100)) {
    const holder = holderOf(path);
    if (!holder || !isAlive(holder)) removeIfStale(path);
    else if (!told) {
      told = true;
      onWait?.(holder.pid);
    }
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}
