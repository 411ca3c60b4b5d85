import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt } from '@tributary/dev-services';
import { shellProgram } from '@tributary/dev-stack';

const root = join(__dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'tributary-completion-'));
beforeAll(() => ensureBuilt(['cli']));
afterAll(() => rmSync(folder, { recursive: true }));

function script(shell: 'zsh' | 'fish'): string {
  const file = join(folder, shell);
  const text = execFileSync(process.execPath, [join(root, 'dist/apps/cli/main.js'), 'completion', shell]);
  writeFileSync(file, text);
  return file;
}

const lines: [line: string, words: string[]][] = [
  ['tributary tr', ['trace']],
  ['tributary dlq re', ['replay']],
  ['tributary dlq list --re', ['--reason']],
  ['tributary verify --target ', ['mongo', 'redis']],
  ['tributary --json snapshot s', ['start', 'status']],
  ['tributary trace shop.orders 7 --j', ['--json']],
];

describe('completion in the shells themselves', () => {
  it('fish offers what fits', async () => {
    const fish = await shellProgram('fish');
    if (!fish) return;
    const functions =
      fish.folder && `set fish_function_path ${join(fish.folder, 'usr/share/fish/functions')};`;
    const file = script('fish');
    for (const [line, words] of lines) {
      const ask = `${functions ?? ''} source ${file}; complete -C '${line}'`;
      const env = { ...process.env, ...fish.env, HOME: folder };
      const out = execFileSync(fish.file, ['--no-config', '-c', ask], { env, encoding: 'utf8' });
      const offered = out
        .trim()
        .split('\n')
        .map((each) => each.split('\t')[0]);
      expect([line, offered]).toEqual([line, words]);
    }
  });

  /** As its bashcompinit calls it; of what is offered zsh itself takes those that begin with the last word. */
  it('zsh offers what fits', async () => {
    const zsh = await shellProgram('zsh');
    if (!zsh) return;
    const place = zsh.folder && `fpath=(\${(f)"$(find ${join(zsh.folder, 'usr/share/zsh')} -type d)"});`;
    const file = script('zsh');
    for (const [line, words] of lines) {
      const ask = `${place ?? ''} compdef() { : }; autoload -U bashcompinit; bashcompinit; source ${file}
        COMP_WORDS=(${line
          .split(' ')
          .map((word) => `'${word}'`)
          .join(' ')}); COMP_CWORD=$(( $#COMP_WORDS - 1 ))
        () { emulate -L sh; setopt kshglob noshglob braceexpand; _tributary }
        print -l -r -- $COMPREPLY`;
      const env = { ...process.env, ...zsh.env, HOME: folder };
      const offered = execFileSync(zsh.file, ['-f', '-c', ask], { env, encoding: 'utf8' }).trim().split('\n');
      const last = line.split(' ').at(-1)!;
      expect([line, offered.filter((word) => word.startsWith(last))]).toEqual([line, words]);
    }
  });
});
