import type { BodyInputOf, QueryInputOf } from '@tributary/console-api';
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

interface SomeRows {
  readonly table: string;
  readonly range?: { readonly from?: string | undefined; readonly to?: string | undefined };
  readonly where?: string;
}

/** A bound that holds two dots cannot be told from the sign of a range: then it is the REST API's call. */
export function resendSomeCommand({ table, range, where }: SomeRows): string {
  const { from = '', to = '' } = range ?? {};
  if (from.includes('..') || to.includes('..')) return restCommand('resend', { body: { table, range } });
  const rows = range ? `--range=${quote(`${from}..${to}`)}` : `--where=${quote(where ?? '')}`;
  return `${commandLine(['resend'], { table })} ${rows}`;
}

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

export type DeadLettersAsked = Omit<BodyInputOf<'replayDeadLetters'>, 'reason'>;
type DeadLettersListed = Omit<NonNullable<QueryInputOf<'deadLetters'>>, 'limit'>;
const operations = { replay: 'replayDeadLetters', discard: 'discardDeadLetters' } as const;

/** The command line knows neither a column nor a table that is a name with `*`: then it is the REST API's call. */
const isKnown = ({
  table,
  column,
  exact,
}: Pick<DeadLettersAsked | DeadLettersListed, 'table' | 'column' | 'exact'>) =>
  !column && (!exact || (table ? !table.includes('*') : false));

export function deadLettersCommand(action: 'replay' | 'discard', wanted: DeadLettersAsked): string {
  const { ids = [], code, table } = wanted;
  return isKnown(wanted)
    ? commandLine(['dlq', action, ...ids], { reason: code, table: table ?? undefined })
    : restCommand(operations[action], { body: wanted });
}

export const listDeadLettersCommand = (wanted: DeadLettersListed): string =>
  isKnown(wanted)
    ? commandLine(['dlq', 'list'], { reason: wanted.code, table: wanted.table, stage: wanted.stage })
    : restCommand('deadLetters', { query: wanted });

export const showDeadLetterCommand = (id: string) => commandLine(['dlq', 'show', id]);

/** The command line's own verification ends with Ctrl-C; that of the console is another process's. */
export const cancelVerificationCommand = (id: string) =>
  restCommand('cancelVerification', { params: { id }, body: {} });
