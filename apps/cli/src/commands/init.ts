import type { Command } from 'commander';
import { initProject, type InitResult } from '@tributary/operations';
import { printable } from '../output/format';
import type { Output } from '../output/output';
import { runAlone } from '../run-command';

interface InitOptions {
  readonly tables?: readonly string[];
  readonly out: string;
  readonly name?: string;
  readonly json?: boolean;
}

const help = `
Writes sync.yaml (every table that can be captured; what you may decide is commented out), accounts.sql (the account
and its rights, for an administrator) and .env (the variables of services and command line, with the password; only you
may read it). Nothing changes on the server, and no file is overwritten.
The account of the address need only see the tables. An argument can be seen in the list of processes: leave the
address out, and MYSQL_URL of the environment, or MYSQL_URL_FILE, is taken.

Examples:
  tributary init mysql://root:password@127.0.0.1:3306/shop --out shop
  tributary init --tables 'shop.*' --tables crm.customers
`;

export function initCommand(program: Command): void {
  program
    .command('init')
    .description('read the schema of a source, and write the files to begin with')
    .argument('[mysql-url]', 'where the tables are; default: the variable MYSQL_URL')
    .option(
      '--tables <pattern>',
      'database.table, * stands for any characters; can be given several times',
      collect,
    )
    .option('--out <folder>', 'where to write', '.')
    .option('--name <name>', 'tells this pipeline from another one of the same server')
    .option('--json', 'print what was written as JSON')
    .addHelpText('after', help)
    .action(
      runAlone<InitOptions>(async ({ out, options, args: [mysqlUrl] }) => {
        const result = await initProject({ ...options, mysqlUrl });
        if (options.json) return out.json(result);
        show(out, result);
      }),
    );
}

const collect = (value: string, before: readonly string[] = []) => [...before, value];

function show(out: Output, { files, tables, leftOut, remarks, next }: InitResult): void {
  const count = `${tables.length} ${tables.length === 1 ? 'table' : 'tables'}`;
  const say = (text: string) => out.line(printable(text));
  say(`${files.syncFile}: ${count}${leftOut.length > 0 ? `, ${leftOut.length} more commented out` : ''}`);
  say(`${files.accounts}: the account with the rights it needs; an administrator runs it once`);
  say(`${files.env}: the variables of services and command line`);
  say('Next:');
  for (const command of next) say(`  ${command}`);
  for (const { table, message } of leftOut) out.note(printable(`${table} is commented out: ${message}`));
  for (const remark of remarks) out.note(printable(remark));
}
