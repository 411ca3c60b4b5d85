import type { BodyInputOf } from '@tributary/console-api';
import { commandLine, quote } from './quote';

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

/** Of a column the command line knows nothing: the letters of such a group are named one by one. */
export const deadLettersCommand = (
  action: 'list' | 'replay' | 'discard',
  { ids = [], code, table }: Pick<BodyInputOf<'replayDeadLetters'>, 'ids' | 'code' | 'table'>,
) => commandLine(['dlq', action, ...ids], { reason: code, table });

export const showDeadLetterCommand = (id: string) => commandLine(['dlq', 'show', id]);
