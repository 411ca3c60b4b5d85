import { execFileSync } from 'node:child_process';
import { commandLine } from '../cli';
import { completionScript } from './completion-script';

/** What bash offers when Tab is pressed behind this line. */
async function offered(line: string): Promise<string[]> {
  const script = completionScript('bash', await commandLine());
  const words = line.split(' ');
  const ask = `${script}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _tributary; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', ask], { encoding: 'utf8' }).trim().split('\n');
}

describe('completion', () => {
  it.each([
    ['tributary tr', ['trace']],
    ['tributary dlq re', ['replay']],
    ['tributary dlq list --re', ['--reason']],
    ['tributary verify --target ', ['mongo', 'redis']],
    ['tributary --json snapshot s', ['start', 'status']],
    ['tributary trace shop.orders 7 --j', ['--json']],
  ])('%s', async (line, words) => {
    expect(await offered(line)).toEqual(words);
  });

  it('has every command for fish and zsh too', async () => {
    const program = await commandLine();
    for (const { name } of program.commands.map((command) => ({ name: command.name() }))) {
      expect(completionScript('fish', program)).toContain(`-a ${name} `);
      expect(completionScript('zsh', program)).toContain(`"tributary ${name}")`);
    }
  });
});
