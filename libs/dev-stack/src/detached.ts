import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { identify, type ProcessId } from './process-id';

/** A log grown past this size is set aside (one generation) when its process starts again, bytes. */
const logLimit = 20 * 1024 * 1024;

/** The last lines of a log file; empty when there is none. */
export function lastLines(file: string, count = 6): string {
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join('\n') : '';
}

export interface DetachedOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Receives standard output and error; appended to. */
  readonly log: string;
}

/** Starts a process that outlives this one. Throws when it could not even start. */
export function startDetached(command: string, args: readonly string[], options: DetachedOptions): ProcessId {
  const { cwd, env, log } = options;
  if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) > logLimit) renameSync(log, `${log}.1`);
  const output = openSync(log, 'a', 0o600);
  try {
    const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', output, output] });
    child.on('error', () => undefined); // a process that could not start has no pid, which is looked at below
    child.unref();
    const id = child.pid === undefined ? undefined : identify(child.pid);
    if (!id)
      throw new Error(
        `${command} did not start.${existsSync(log) ? ` Its last words:\n${lastLines(log)}` : ''}`,
      );
    return id;
  } finally {
    closeSync(output);
  }
}
