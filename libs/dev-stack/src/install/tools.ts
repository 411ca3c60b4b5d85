import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** Full path of a program on the PATH (or in the usual folders of daemons); undefined when it is not installed. */
export function which(program: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin'];
  for (const folder of folders.filter(Boolean)) {
    const path = join(folder, program);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      continue;
    }
  }
  return undefined;
}

/** Throws one sentence with the remedy when a program is missing. */
export function requireTool(program: string, neededFor: string, remedy: string): string {
  const path = which(program);
  if (!path) throw new Error(`${program} is missing; it is needed to ${neededFor}. ${remedy}`);
  return path;
}

export interface RunOptions {
  readonly cwd?: string;
  /** Written to standard input. */
  readonly input?: string;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** The program is killed after this long; default 10. */
  readonly minutes?: number;
}

export interface Outcome {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** Why it is not ok. */
  readonly why: string;
}

/**
 * Runs a program to its end and never rejects. Not execa, which is ESM only: the tests call the stack in-process
 * under Jest, which loads CommonJS.
 */
export function attempt(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Outcome> {
  const timeout = (options.minutes ?? 10) * 60_000;
  const env = { ...process.env, ...options.env };
  return new Promise((resolve) => {
    const settings = { cwd: options.cwd, env, timeout, maxBuffer: 64 * 1024 * 1024 };
    const child = execFile(program, args, settings, (error, stdout, stderr) => {
      const how = error?.killed ? 'took too long' : `ended with exit code ${error?.code ?? error?.signal}`;
      resolve({ ok: !error, stdout, stderr, why: error ? how : '' });
    });
    child.stdin?.on('error', () => undefined); // a program that ends early does not read its input to the end
    child.stdin?.end(options.input);
  });
}

/** Runs an installer to its end; a failure becomes one sentence with the last lines of its output. */
export async function run(
  what: string,
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { ok, stdout, stderr, why } = await attempt(program, args, options);
  if (ok) return stdout;
  const said = tellingLines(`${stdout}\n${stderr}`);
  throw new Error(`${what} failed: ${program} ${why}.${said ? ` It said:\n${said}` : ''}`);
}

/** What of an installer's output says why it failed: its first errors (advice follows them), else its end. */
function tellingLines(output: string): string {
  const lines = stripVTControlCharacters(output)
    .split('\n')
    .map((line) => line.trimEnd())
    .filter(Boolean);
  const errors = lines.filter((line) => /^(\[?ERROR\b|E: |fatal\b)/i.test(line));
  return (errors.length ? errors.slice(0, 3) : lines.slice(-6)).join('\n');
}
