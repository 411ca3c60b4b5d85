import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { oneOf } from '@tributary/testing';

const root = join(__dirname, '../..');
const { targets } = JSON.parse(readFileSync(join(__dirname, 'project.json'), 'utf8')) as {
  readonly targets: Readonly<Record<string, { readonly options?: { readonly command: string } }>>;
};
const [first, ...others] = Object.entries(targets).flatMap(([name, { options }]) =>
  options ? [[name, options.command.replace(/^tsx /, '')] as const] : [],
);

/** They run as modules, unlike the tests: what is imported must be fit for both. */
describe('every benchmark starts', () => {
  it.each(oneOf(first!, ...others))('bench:%s', async (_name, program) => {
    const { stdout } = await promisify(execFile)(join(root, 'node_modules/.bin/tsx'), [program, '--help'], {
      cwd: root,
    });
    expect(stdout).toMatch(/^Usage: nx run bench:/);
  });
});
