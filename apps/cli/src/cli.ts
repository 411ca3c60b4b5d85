import { Command, CommanderError } from 'commander';
import { productVersion } from '@tributary/operations';

const help = `
Addresses come from the environment (MYSQL_URL, KAFKA_BROKERS, MONGODB_URI, REDIS_URL, SYNC_CONFIG); each command
asks only for those that it needs. LOG_LEVEL=debug shows stack traces.

Examples:
  tributary config check
  tributary status --watch
  tributary verify --table github_data.users
`;

/** Loaded when it is named: most of a short command's time goes into loading what it does not need. */
const commands: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  init: async () => (await import('./commands/init')).initCommand,
  config: async () => (await import('./commands/config')).configCommands,
  capture: async () => (await import('./commands/capture')).captureCommands,
  snapshot: async () => (await import('./commands/snapshot')).snapshotCommands,
  targets: async () => (await import('./commands/targets')).targetsCommands,
  verify: async () => (await import('./commands/verify')).verifyCommand,
  dlq: async () => (await import('./commands/dlq')).dlqCommands,
  'load-file': async () => (await import('./commands/load-file')).loadFileCommand,
  doctor: async () => (await import('./commands/doctor')).doctorCommand,
  trace: async () => (await import('./commands/trace')).traceCommand,
  history: async () => (await import('./commands/trace')).historyCommand,
  tail: async () => (await import('./commands/tail')).tailCommand,
  resend: async () => (await import('./commands/resend')).resendCommand,
  'support-bundle': async () => (await import('./commands/support-bundle')).supportBundleCommand,
  pause: async () => (await import('./commands/pause')).pauseCommand,
  resume: async () => (await import('./commands/pause')).resumeCommand,
  completion: async () => (await import('./commands/completion')).completionCommand(() => commandLine()),
  console: async () => (await import('./commands/console')).consoleCommands,
  status: async () => (await import('./commands/status')).statusCommand,
};

/** With the command that `name` names alone, none for the version, else, for help and mistakes, with all. */
export async function commandLine(name = ''): Promise<Command> {
  const root = new Command('tributary')
    .description('Keeps MongoDB and Redis in step with MySQL, continuously and provably')
    .version(productVersion)
    .showHelpAfterError('(add --help for what there is)')
    .addHelpText('after', help);
  for (const load of commandsFor(name)) (await load())(root);
  return overridden(root);
}

function commandsFor(name: string) {
  if (Object.hasOwn(commands, name)) return [commands[name]!];
  if (name === '-V' || name === '--version') return [];
  return Object.values(commands);
}

/** Wrong usage must pass through `runCli`, from every subcommand. */
function overridden(command: Command): Command {
  command.exitOverride();
  for (const child of command.commands) overridden(child);
  return command;
}

/** Does what one command line asks for and sets the exit code. */
export async function runCommandLine(argv: readonly string[]): Promise<void> {
  try {
    await (await commandLine(argv[2])).parseAsync(argv);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode;
  }
}

/** Runs one command line and ends the process with its exit code. */
export async function runCli(argv: readonly string[]): Promise<never> {
  // `tributary ... | head` closes the pipe early, which is no fault of the command.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  await runCommandLine(argv);
  // What a slow reader of a pipe has not taken yet would be lost with the process.
  await Promise.all([process.stdout, process.stderr].map(untilTaken));
  // Clients of broken servers may still hold timers; the command is done.
  process.exit();
}

const untilTaken = (stream: NodeJS.WriteStream) =>
  new Promise<void>((resolve) => stream.write('', () => resolve()));
