import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { uniqueName } from '@tributary/testing';

export const root = join(__dirname, '../../..');

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/**
 * Builds what is stale of the apps, as `npm run` commands do, and gives a folder with copies of the bundles
 * (`<app>/main.js`), so that another build meanwhile takes nothing away. Still below the root, where packages are found.
 */
export function build(...apps: string[]): string {
  const code = `import('./libs/dev-services/src/ensure-built.cjs').then((m) => m.ensureBuilt(${JSON.stringify(apps)}))`;
  const { status, stderr } = spawnSync(process.execPath, ['-e', code], { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  const folder = join(root, 'dist/test', uniqueName('cli'));
  for (const app of apps) cpSync(join(root, 'dist/apps', app), join(folder, app), { recursive: true });
  return folder;
}

/** Of a command; undefined variables are taken away. */
export const environment = (variables: Record<string, string | undefined>): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries({ ...process.env, LOG_LEVEL: undefined, ...variables }).filter(
      ([, value]) => value !== undefined,
    ),
  );

/** Starts the command line in a folder that `build` made, its output piped. */
export function startTributary(
  bundles: string,
  args: string[],
  variables: Record<string, string | undefined> = {},
): ChildProcessWithoutNullStreams {
  const env = environment(variables);
  return spawn(process.execPath, [join(bundles, 'cli/main.js'), ...args], { cwd: root, env });
}

/** Runs it until it ends. */
export const tributary = (...of: Parameters<typeof startTributary>): Promise<Ran> =>
  untilEnd(startTributary(...of));

export function untilEnd(child: ChildProcessWithoutNullStreams): Promise<Ran> {
  return new Promise((resolve) => {
    let [out, err] = ['', ''];
    child.stdout.on('data', (piece: Buffer) => (out += piece.toString('utf8')));
    child.stderr.on('data', (piece: Buffer) => (err += piece.toString('utf8')));
    child.on('close', (code) => resolve({ code, out, err }));
  });
}
