import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const stack = (...args: string[]) =>
  promisify(execFile)(join(root, 'node_modules/.bin/tsx'), ['libs/dev-stack/src/main.ts', ...args], {
    cwd: root,
    timeout: 300_000,
  });

/**
 * The address of a Connect server beside the servers of the tests: the one that SPARK_REMOTE names, else that of the
 * stack, which is started with the first test that asks for it and stays for the others.
 */
export async function sparkRemote(): Promise<string> {
  const known = process.env['SPARK_REMOTE'];
  if (known) return known;
  const name = ['--name', process.env['TRIBUTARY_TEST_STACK'] || 'dev'];
  await stack('up', '--spark', ...name);
  const { stdout } = await stack('env', ...name);
  const remote = /^SPARK_REMOTE=(.+)$/m.exec(stdout)?.[1];
  if (!remote) throw new Error(`The stack has no Spark: ${stdout}`);
  return remote;
}
