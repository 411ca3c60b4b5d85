import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process told apart from a later one that got the same pid: pid and start time together. */
export interface ProcessId {
  readonly pid: number;
  readonly startedAt: string;
}

/** Start time in the kernel's own words, or undefined when no such process runs (one that only waits to be reaped does not). */
function startTimeOf(pid: number): string | undefined {
  if (process.platform !== 'linux') {
    const { stdout } = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' });
    const [, stat, started] = /^\s*(\S+)\s+(.+?)\s*$/.exec(stdout ?? '') ?? [];
    return stat && !stat.startsWith('Z') ? started : undefined;
  }
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name, in parentheses, may itself hold blanks and parentheses: count fields after the last one.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    // Threads of a killed process outlive its first one, and hold its ports and files until they are gone too.
    const ended = fields[0] === 'X' || (fields[0] === 'Z' && readdirSync(`/proc/${pid}/task`).length <= 1);
    return ended ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/** The identity of a process that runs now; undefined when it has ended already. */
export function identify(pid: number): ProcessId | undefined {
  const startedAt = startTimeOf(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

/** True while exactly this process runs; false when it ended, even if its pid was given to another one. */
export function isAlive(id: ProcessId | undefined): id is ProcessId {
  return id !== undefined && startTimeOf(id.pid) === id.startedAt;
}

/** Signals exactly this process; false when it is not there any more. */
export function signal(id: ProcessId, name: NodeJS.Signals): boolean {
  if (!isAlive(id)) return false;
  try {
    return process.kill(id.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** Waits until the process has ended; false when it still runs after `timeoutMs`. */
export async function waitForEnd(id: ProcessId, timeoutMs: number): Promise<boolean> {
  for (const end = Date.now() + timeoutMs; isAlive(id); await sleep(25)) if (Date.now() >= end) return false;
  return true;
}

/** SIGTERM, at most `graceMs` of waiting, then SIGKILL. Says how it ended. */
export async function terminate(id: ProcessId, graceMs: number): Promise<'gone' | 'stopped' | 'killed'> {
  if (!signal(id, 'SIGTERM')) return 'gone';
  if (await waitForEnd(id, graceMs)) return 'stopped';
  signal(id, 'SIGKILL');
  await waitForEnd(id, 10_000);
  return 'killed';
}
