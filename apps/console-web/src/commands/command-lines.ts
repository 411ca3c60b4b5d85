import type { BodyInputOf } from '@tributary/console-api';
import { commandLine, quote } from './quote';
import { restCommand } from './rest-command';

/** What one would type instead of pressing the button. A row's key goes behind `--` where it begins with a dash. */
const row = (command: 'trace' | 'history', table: string, key: readonly string[]) =>
  key.some((value) => value.startsWith('-'))
    ? `${commandLine([command])} -- ${[table, ...key].map(quote).join(' ')}`
    : commandLine([command, table, ...key]);

export const traceCommand = (table: string, key: readonly string[]) => row('trace', table, key);
export const historyCommand = (table: string, key: readonly string[]) => row('history', table, key);

export const resendCommand = (table: string, key: readonly string[]) =>
  `${commandLine(['resend'], { table })} ${
    key.some((value) => value.startsWith('-'))
      ? key.map((value) => `--key=${quote(value)}`).join(' ')
      : `--key ${key.map(quote).join(' ')}`
  }`;

export const pauseCommand = (action: 'pause' | 'resume', table: string, target: string | undefined) =>
  commandLine([action], { table, target });

export const startSnapshotCommand = ({ table, where, priority }: BodyInputOf<'startSnapshots'>) =>
  commandLine(['snapshot', 'start'], { table, where, priority });

export const snapshotCommand = (action: 'pause' | 'resume' | 'cancel', id: string) =>
  commandLine(['snapshot', action], { job: id });

export function verifyCommand({ table, target, sample, rate }: BodyInputOf<'startVerification'>): string {
  const part = sample && ('rows' in sample ? `${sample.rows}` : `${sample.part * 100}%`);
  return commandLine(['verify'], { table, target, sample: part, rate });
}

export const repairCommand = (table: string | null, target: string | null, dryRun: boolean) =>
  commandLine(['verify'], {
    table: table ?? undefined,
    target: target ?? undefined,
    repair: true,
    'dry-run': dryRun,
  });

type Letters = Pick<BodyInputOf<'replayDeadLetters'>, 'ids' | 'code' | 'table' | 'column'>;
const operations = { replay: 'replayDeadLetters', discard: 'discardDeadLetters' } as const;

/** The command line knows no column, and without it would take more letters: then it is the REST API's call. */
export function deadLettersCommand(action: 'list' | 'replay' | 'discard', letters: Letters): string {
  const { ids = [], code, table, column } = letters;
  if (column === undefined) return commandLine(['dlq', action, ...ids], { reason: code, table });
  return action === 'list'
    ? restCommand('deadLetters', { query: letters })
    : restCommand(operations[action], { body: letters });
}

export const showDeadLetterCommand = (id: string) => commandLine(['dlq', 'show', id]);

/** The command line's own verification ends with Ctrl-C; that of the console is another process's. */
export const cancelVerificationCommand = (id: string) =>
  restCommand('cancelVerification', { params: { id }, body: {} });
