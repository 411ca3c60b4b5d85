import { Command, Option } from 'commander';
import { mongoOption } from './mongo-option';
import { sayOnTerminal } from './progress';
import { readStackEnv } from './running';
import { shellLine } from './shell';
import { ensureStack, resetStack, stopStack, type StackOptions } from './stack';
import { mysqlChoices } from './state';
import { stackStatus, statusTable } from './status';

const program = new Command('stack').description('The servers that Tributary develops and tests against.');
const named = (command: string, description: string) =>
  program.command(command).description(description).option('--name <stack>', 'which stack', 'dev');

named('up', 'start what is not running and wait until every server answers')
  .addOption(
    new Option('--mysql <server>', 'source database (default: as last time; mysql at first)').choices(
      mysqlChoices,
    ),
  )
  .addOption(
    new Option('--provider <provider>', 'default: docker if an engine answers').choices(['docker', 'native']),
  )
  .addOption(mongoOption())
  .option(
    '--no-mongo-sync',
    'let a MongoDB stand-in acknowledge before a write is safe from a kill (benchmarks)',
  )
  .option('--spark', 'also a Connect server of Spark (default: as last time; without it at first)')
  .option('--no-spark', 'from now on without Spark')
  .option('--secure', 'a new stack whose servers all ask for TLS and a login (native only)')
  .action(async (options: StackOptions) => {
    await ensureStack(options);
  });

named('down', 'stop the servers; their data and ports stay').action(({ name }: { name: string }) =>
  stopStack(name),
);

named('reset', 'stop the servers and remove their data').action(({ name }: { name: string }) =>
  resetStack(name),
);

named('env', 'print the addresses as KEY=value lines for sh').action(async ({ name }: { name: string }) => {
  for (const [key, value] of Object.entries(await readStackEnv(name)))
    console.log(shellLine(key, String(value)));
});

named('status', 'show what runs')
  .option('--json', 'print a JSON array')
  .action(async ({ name, json }: { name: string; json?: boolean }) => {
    const rows = await stackStatus(name);
    if (json) console.log(JSON.stringify(rows, null, 2));
    else if (rows.length) console.log(statusTable(rows));
    else console.log(`The stack "${name}" was never started.`);
  });

try {
  await program.parseAsync();
} catch (error) {
  sayOnTerminal(`stack: ${(error as Error).message}`);
  if (process.env['LOG_LEVEL'] === 'debug') console.error(error);
  process.exitCode = 1;
}
