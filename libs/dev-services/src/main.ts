import { resolve } from 'node:path';
import { Argument, Command, InvalidArgumentError } from 'commander';
import { sayOnTerminal } from '@tributary/dev-stack';
import { down, logs, status, up, type UpOptions } from './commands';
import { defaultFolder, processNames, type ProcessName } from './service-record';

const program = new Command('services')
  .description("Tributary's built services, and the console, as separate processes.")
  .option(
    '--folder <folder>',
    'of pid files and logs: another one holds other services',
    (path) => resolve(path),
    defaultFolder,
  );
const folder = () => program.opts<{ folder: string }>().folder;

const apps = () => new Argument('[app...]', 'default: all').choices(processNames);
const orAll = (named: readonly ProcessName[]) => (named.length ? [...new Set(named)] : processNames);

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number from 1 up.');
  return value;
}

program
  .command('up')
  .description('build what is stale, start what is not running, and wait until it is ready')
  .addArgument(apps())
  .option('--copies <n>', 'how many of each named service', positive, 1)
  .option('--stack <name>', 'the stack whose addresses fill what the environment does not set', 'dev')
  .option('--timeout <seconds>', 'how long to wait for readiness', positive, 60)
  .action((named: ProcessName[], options: Omit<UpOptions, 'folder'>) =>
    up(orAll(named), { ...options, folder: folder() }),
  );

program
  .command('down')
  .description('stop gently; by force after 15 s')
  .addArgument(apps())
  .action((named: ProcessName[]) => down(orAll(named), folder()));

program
  .command('status')
  .description('show what runs')
  .option('--json', 'print a JSON array of {app, pid, port, ready}', false)
  .action(({ json }: { json: boolean }) => status(json, folder()));

program
  .command('logs')
  .description('print the logs')
  .addArgument(apps())
  .option('-f, --follow', 'go on until interrupted', false)
  .action((named: ProcessName[], { follow }: { follow: boolean }) => logs(orAll(named), follow, folder()));

try {
  await program.parseAsync();
} catch (error) {
  sayOnTerminal(`services: ${(error as Error).message}`);
  if (process.env['LOG_LEVEL'] === 'debug') console.error(error);
  process.exitCode = 1;
}
