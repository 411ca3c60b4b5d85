import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(__dirname, '../..');

/**
 * Jest's globalSetup for tests on real servers: puts the addresses of a running stack into the environment that the
 * workers inherit. It starts nothing; TRIBUTARY_TEST_STACK names the stack (default `dev`). Addresses that are in
 * the environment already are used as they are.
 */
export default function setUp(): void {
  if (process.env['ADMIN_MYSQL_URL']) return;
  const name = process.env['TRIBUTARY_TEST_STACK'] || 'dev';
  // As a process of its own: the stack's code is ESM only, while Jest runs this file as CommonJS.
  const tsx = join(root, 'node_modules/.bin/tsx');
  const { status, stdout, stderr } = spawnSync(tsx, ['libs/dev-stack/src/main.ts', 'env', '--name', name], {
    cwd: root,
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (status !== 0)
    throw new Error(`These tests need running servers. ${stderr?.trim() || 'The stack gave no answer.'}`);
  for (const line of stdout.split('\n').filter(Boolean)) {
    const at = line.indexOf('=');
    const value = line.slice(at + 1);
    process.env[line.slice(0, at)] = /^'.*'$/s.test(value)
      ? value.slice(1, -1).replaceAll(`'\\''`, "'")
      : value;
  }
}
