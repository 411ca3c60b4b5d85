import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
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
  const running = await remoteOf(name);
  if (running && (await answers(running))) return running;
  await stack('up', '--spark', ...name);
  const begun = await remoteOf(name);
  if (!begun) throw new Error(`The stack has no Spark: ${name[1]}`);
  return begun;
}

async function remoteOf(name: readonly string[]): Promise<string | undefined> {
  const { stdout } = await stack('env', ...name);
  return /^SPARK_REMOTE=(.+)$/m.exec(stdout)?.[1];
}

async function answers(remote: string): Promise<boolean> {
  const { hostname, port } = new URL(remote.replace(/^sc:/, 'tcp:'));
  const socket = connect({ host: hostname, port: Number(port) });
  return once(socket, 'connect')
    .then(() => true)
    .catch(() => false)
    .finally(() => socket.destroy());
}
