import { Command, CommanderError } from 'commander';
import { productVersion } from '@tributary/service';
import { captureCommands } from './commands/capture';
import { configCommands } from './commands/config';
import { dlqCommands } from './commands/dlq';
import { loadFileCommand } from './commands/load-file';
import { snapshotCommands } from './commands/snapshot';
import { statusCommand } from './commands/status';
import { targetsCommands } from './commands/targets';
import { verifyCommand } from './commands/verify';

const help = `
Addresses come from the environment (MYSQL_URL, KAFKA_BROKERS, MONGODB_URI, REDIS_URL, SYNC_CONFIG); each command
asks only for those that it needs. LOG_LEVEL=debug shows stack traces.

Examples:
  tributary config check
  tributary status --watch
  tributary verify --table github_data.users
`;

function program(): Command {
  const root = new Command('tributary')
    .description('Keeps MongoDB and Redis in step with MySQL, continuously and provably')
    .version(productVersion)
    .showHelpAfterError('(add --help for what there is)')
    .addHelpText('after', help);
  configCommands(root);
  captureCommands(root);
  snapshotCommands(root);
  targetsCommands(root);
  verifyCommand(root);
  dlqCommands(root);
  loadFileCommand(root);
  statusCommand(root);
  return overridden(root);
}

/** Wrong usage must pass through `runCli`, from every subcommand. */
function overridden(command: Command): Command {
  command.exitOverride();
  for (const child of command.commands) overridden(child);
  return command;
}

/** Runs one command line and ends the process with its exit code. */
export async function runCli(argv: readonly string[]): Promise<never> {
  // `tributary ... | head` closes the pipe early, which is no fault of the command.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  try {
    await program().parseAsync(argv);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exit(error.exitCode);
  }
  // Clients of broken servers may still hold timers; the command is done.
  process.exit();
}
