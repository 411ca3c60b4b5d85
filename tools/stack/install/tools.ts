import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { execa, ExecaError } from 'execa';

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

/** Runs an installer to its end; a failure becomes one sentence with the last lines of its output. */
export async function run(
  what: string,
  program: string,
  args: readonly string[],
  options: { cwd?: string; input?: string; env?: Record<string, string>; minutes?: number } = {},
): Promise<string> {
  try {
    const { stdout } = await execa(program, args, {
      cwd: options.cwd,
      env: options.env,
      timeout: (options.minutes ?? 10) * 60_000,
      ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    });
    return stdout;
  } catch (cause) {
    if (!(cause instanceof ExecaError)) throw cause;
    const output = `${cause.stdout ?? ''}\n${cause.stderr ?? ''}`.trim().split('\n').slice(-6).join('\n');
    const why = cause.timedOut
      ? 'took too long'
      : `ended with exit code ${cause.exitCode ?? cause.code ?? cause.signal}`;
    throw new Error(`${what} failed: ${program} ${why}.${output ? ` Its last words:\n${output}` : ''}`, {
      cause,
    });
  }
}
