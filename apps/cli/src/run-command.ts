import { inspect } from 'node:util';
import { plainError, plainFields, SyncError, withoutValues } from '@tributary/kernel';
import { explain, Servers, type Needs, type OperationContext } from '@tributary/operations';
import type { Command } from 'commander';
import { Output } from './output/output';

/** What a command has at hand. */
export interface CommandContext<O> {
  readonly operation: OperationContext;
  readonly out: Output;
  readonly options: O;
  readonly args: readonly string[];
}

/** Exit code; nothing means 0. */
type Work<O> = (context: CommandContext<O>) => Promise<number | void>;

/** Makes the action of a command: opens what it needs, turns errors into one sentence, and ends with its exit code. */
export const runCommand = <O extends object>(needs: Needs | ((options: O) => Needs), work: Work<O>) =>
  runAlone<O>(async ({ log, ...given }) => {
    const servers = new Servers(typeof needs === 'function' ? needs(given.options) : needs, log);
    try {
      const operation = { servers, log, note: (sentence: string) => given.out.note(sentence) };
      return await work({ operation, ...given });
    } finally {
      await servers.close();
    }
  }, stackHint);

/** The same for a command that needs no sync file, or opens its servers itself. */
export function runAlone<O extends object>(
  work: (
    context: Omit<CommandContext<O>, 'operation'> & { readonly log: OperationContext['log'] },
  ) => Promise<number | void>,
  hint: (error: unknown) => string = () => '',
) {
  return async (...given: unknown[]): Promise<void> => {
    const command = given.at(-1) as Command;
    const args = command.processedArgs as string[];
    try {
      const context = { log: commandLog(), out: new Output(), options: command.opts<O>(), args };
      process.exitCode = (await work(context)) ?? 0;
    } catch (error) {
      process.stderr.write(`tributary: ${explain(error)}${hint(error)}\n`);
      if (debugging()) process.stderr.write(`${inspect(plainError(error), { depth: 9 })}\n`);
      process.exitCode = 1;
    }
  };
}

const STACK_HINT =
  'For the development stack: set -a; eval "$(npm run -s stack -- env)"; set +a (start it with: npm run stack -- up).';

const stackHint = (error: unknown) =>
  error instanceof SyncError && error.code === 'ENV' ? `\n${STACK_HINT}` : '';

const debugging = () => process.env['LOG_LEVEL'] === 'debug' || process.env['LOG_LEVEL'] === 'trace';

/** A command speaks for itself; what its libraries log is of interest only when something is being traced. */
function commandLog(): OperationContext['log'] {
  const write = (level: string) => (fields: object, message: string) => {
    if (debugging())
      process.stderr.write(
        `${JSON.stringify({ level, ...plainFields(fields), message: withoutValues(message) })}\n`,
      );
  };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}
