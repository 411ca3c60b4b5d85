import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { passwordMatches, readToken, Sealer } from '@tributary/console-access';
import { oneSentence, TestCli } from './test-cli';
import { startTributary, untilEnd } from './tributary';

describe('help', () => {
  const cli = new TestCli();
  beforeAll(() => cli.open(), 60_000);
  afterAll(() => cli.close());

  // What each one says, src/commands-page.spec compares with the documentation.
  it.each(['verify', 'snapshot start', 'console token'])(
    '%s --help shows an example and exits 0 without any server',
    async (command) => {
      const { code, out } = await cli.runBuilt([...command.split(' '), '--help'], { MYSQL_URL: undefined });
      expect(code).toBe(0);
      expect(out).toContain(`Usage: tributary ${command}`);
      expect(out).toMatch(/Examples?:\n {2}.*tributary /);
    },
  );

  it('a command loads what it needs: verify neither Nest nor TypeORM nor class-validator', () => {
    const text = (file: string) => readFileSync(join(cli.bundles, 'cli', file), 'utf8');
    const texts = new Map<string, string>();
    const packages = new Set<string>();
    const load = (file: string) => {
      texts.set(file, text(file));
      for (const [, chunk, name] of text(file).matchAll(/^(?:import|.* from) "(?:\.\/(.+)|(.+))";$/gm))
        if (name) packages.add(name);
        else if (!texts.has(chunk!)) load(chunk!);
    };
    const entry = /import\("\.\/(cli-.+?)"\)/.exec(text('main.js'))![1]!;
    load(/import\("\.\/(verify-.+?)"\)/.exec(text(entry))![1]!);
    const loaded = [...packages];
    expect(loaded).toEqual(expect.arrayContaining(['kafkajs', 'mongoose', 'mysql2/promise']));
    for (const name of ['typeorm', 'class-validator']) expect(loaded).not.toContain(name);
    expect([...texts.values()].join('')).not.toContain('// node_modules/@nestjs/');
    // What an image installs.
    const { dependencies } = JSON.parse(text('package.json')) as { dependencies: Record<string, string> };
    const unnamed = loaded.filter((name) => !isBuiltin(name) && !(name.split('/')[0]! in dependencies));
    expect(unnamed).toEqual([]);
  });

  it('console: a hash and a token, without a server, a sync file or a word of the secret', async () => {
    const bare = { SYNC_CONFIG: join(cli.folder, 'none.yaml'), MYSQL_URL: undefined };
    const secret = 'thirty-two characters and some more';
    const made = await cli.run(['console', 'token', '--role', 'operator'], {
      ...bare,
      CONSOLE_SECRET: secret,
    });
    expect([made.code, made.err]).toEqual([0, '']);
    const sealer = new Sealer(secret);
    expect(await readToken(sealer, made.out.trim())).toEqual({ name: 'token', role: 'operator' });
    const none = await cli.run(['console', 'token'], { ...bare, CONSOLE_SECRET: 'hunter2' });
    expect([none.code, none.out]).toEqual([1, '']);
    expect(none.err).toMatch(oneSentence);
    expect(none.err).not.toContain('hunter2');

    const child = startTributary(cli.bundles, ['console', 'hash-password'], bare);
    child.stdin.end('correct horse\n');
    const { code, out } = await untilEnd(child);
    expect([code, await passwordMatches(out.trim(), 'correct horse')]).toEqual([0, true]);
  });

  it('suggests the command that was meant, and exits 1', async () => {
    for (const [typed, meant] of [
      [['verfy'], 'verify'],
      [['capture', 'instal'], 'install'],
    ] as const) {
      const { code, out, err } = await cli.runBuilt([...typed]);
      expect([code, out]).toEqual([1, '']);
      expect(err).toContain(`Did you mean ${meant}?`);
    }
  });
});
