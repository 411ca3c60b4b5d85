import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { commandLine } from './cli';

const page = join(__dirname, '../../../docs/reference/commands.md');

/** `tributary --help` and that of each command which does something, by its full name. */
function helpTexts(command: Command, before: readonly string[] = []): [name: string, help: string][] {
  const path = [...before, command.name()];
  const children = command.commands.flatMap((child) => helpTexts(child, path));
  if (before.length > 0 && children.length > 0) return children;
  return [[path.join(' '), helpOf(command)], ...children];
}

/** What `--help` prints at this width, examples and exit codes included. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 100 });
  command.outputHelp();
  return text.trim();
}

const block = (name: string) => new RegExp(`^(## ${name}\n[^]*?\`\`\`text\n)([^]*?)(\n\`\`\`)`, 'm');

describe('docs/reference/commands.md', () => {
  it('has the help of every command as the program prints it, and of no other (UPDATE_DOCS=1 writes it)', async () => {
    const commands = helpTexts(await commandLine());
    if (process.env['UPDATE_DOCS']) {
      const written = commands.reduce(
        (text, [name, help]) => text.replace(block(name), (_, head, __, tail) => `${head}${help}${tail}`),
        readFileSync(page, 'utf8'),
      );
      writeFileSync(page, written);
    }
    const text = readFileSync(page, 'utf8');
    const headings = [...text.matchAll(/^## (tributary.*)$/gm)].map(([, name]) => name);
    expect(headings).toEqual(commands.map(([name]) => name));
    for (const [name, help] of commands)
      expect(`${name}\n${block(name).exec(text)?.[2]}`).toBe(`${name}\n${help}`);
  });

  it('each command shows how it is used, and an example', async () => {
    for (const [name, help] of helpTexts(await commandLine()).filter(
      ([, text]) => !text.includes('\nCommands:'),
    ))
      expect([name, help]).toEqual([
        name,
        expect.stringMatching(new RegExp(`^Usage: ${name}[^]*Examples?:\\n {2}.*tributary `)),
      ]);
  });
});
