import { inspect } from 'node:util';
import { plainError, plainFields, withoutValues } from '@tributary/change-event';
import type { Command } from 'commander';
import type { Log } from '@tributary/kafka';
import type { Needs } from '@tributary/service';
import { explain } from './explain';
import { Output } from './output/output';
import { Servers } from './servers';

/** What a command has at hand. */
export interface CommandContext<O> {
  readonly servers: Servers;
  readonly out: Output;
  readonly log: Log;
  readonly options: O;
  readonly args: readonly string[];
}

/** Exit code; nothing means 0. */
type Work<O> = (context: CommandContext<O>) => Promise<number | void>;

/** Makes the action of a command: opens what it needs, turns errors into one sentence, and ends with its exit code. */
export function runCommand<O extends object>(needs: Needs | ((options: O) => Needs), work: Work<O>) {
  return async (...given: unknown[]): Promise<void> => {
    const command = given.at(-1) as Command;
    const options = command.opts<O>();
    const log = commandLog();
    let servers: Servers | undefined;
    try {
      servers = new Servers(typeof needs === 'function' ? needs(options) : needs, log);
      const args = command.processedArgs as string[];
      process.exitCode = (await work({ servers, out: new Output(), log, options, args })) ?? 0;
    } catch (error) {
      process.stderr.write(`tributary: ${explain(error)}\n`);
      if (debugging()) process.stderr.write(`${inspect(plainError(error), { depth: 9 })}\n`);
      process.exitCode = 1;
    } finally {
      await servers?.close();
    }
  };
}

const debugging = () => process.env['LOG_LEVEL'] === 'debug' || process.env['LOG_LEVEL'] === 'trace';

/** A command speaks for itself; what its libraries log is of interest only when something is being traced. */
function commandLog(): Log {
  const write = (level: string) => (fields: object, message: string) => {
    if (debugging())
      process.stderr.write(
        `${JSON.stringify({ level, ...plainFields(fields), message: withoutValues(message) })}\n`,
      );
  };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}
