import { InvalidArgumentError, Option, type Command } from 'commander';
import { hashPassword, makeToken, role, sealerOf, type User } from '@tributary/console-access';
import { askPassword } from '../output/ask-password';
import { runAlone, type CommandContext } from '../run-command';
import { positiveWhole } from '../verify/options';

interface TokenOptions extends User {
  readonly days: number;
}

export function consoleCommands(program: Command): void {
  const group = program.command('console').description('who may use the console and its REST API');
  group
    .command('token')
    .description('make a token for a program that calls the REST API')
    .addOption(new Option('--role <role>', 'what it may do').choices(role.options).default('viewer'))
    .option('--days <n>', 'how long it is valid', positiveWhole, 30)
    .option('--name <name>', 'whom the audit topic names', nameOf, 'token')
    .addHelpText(
      'after',
      '\nExample:\n  CONSOLE_SECRET_FILE=/run/secrets/console tributary console token --role operator --days 7 --name ci\n',
    )
    .action(runAlone<TokenOptions>(token));
  group
    .command('hash-password')
    .description(
      'make the hash of a password for the file of users; asks for it, or reads it from standard input',
    )
    .addHelpText(
      'after',
      '\nPut it in quotes: a hash has commas, which YAML takes for the end of a value.\n\nExamples:\n  tributary console hash-password\n  pass show tributary | tributary console hash-password\n',
    )
    .action(runAlone(async ({ out }) => out.line(await hashPassword(await askPassword()))));
}

function nameOf(text: string): string {
  if (text === '' || text.length > 200) throw new InvalidArgumentError('It must have 1 to 200 characters.');
  return text;
}

async function token({ out, options }: Omit<CommandContext<TokenOptions>, 'operation'>): Promise<void> {
  const { name, role, days } = options;
  out.line(await makeToken(sealerOf(process.env), { name, role }, days));
}
