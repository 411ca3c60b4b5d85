import { labels } from './servers';
import type { ServerName } from './state';

export type Say = (line: string) => void;

/** Progress goes to standard error: standard output is for what a script reads. */
export const sayOnTerminal: Say = (line) => void process.stderr.write(`${line}\n`);

export const sayFor =
  (say: Say, server: ServerName): Say =>
  (line) =>
    say(`  ${labels[server].padEnd(8)} ${line}`);
