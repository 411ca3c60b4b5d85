import type { Command } from 'commander';
import {
  captureReport,
  captureStatus,
  homeOf,
  installCapture,
  isMendable,
  missedTables,
  uninstallCapture,
  type CaptureStatus,
  type TableOutcome,
} from '@tributary/capture';
import { runCommand, type CommandContext } from '../run-command';
import { leftOut, matchesTable, noSuchTable } from '../tables';
import { installNeeds, refuseForeignPlaces } from '../targets/install-check';
import { showReadingPlan } from './capture-plan';

interface CaptureOptions {
  readonly table?: string;
  readonly json?: boolean;
  readonly all?: boolean;
}

type Context = CommandContext<CaptureOptions>;

/** The exit code that says "it is not as it should be", as `verify` has it. */
const DRIFT = 2;

export function captureCommands(program: Command): void {
  const group = program.command('capture').description('triggers and change log on the source');
  const add = (name: string, description: string, example: string) =>
    group
      .command(name)
      .description(description)
      .option('--table <database.table>', 'this table only; * stands for any characters')
      .option('--json', 'print the result as JSON')
      .addHelpText('after', `\nExample:\n  ${example}\n`);
  add(
    'install',
    'install capture for every table of the sync file; a second run changes nothing',
    'tributary capture install',
  ).action(runCommand(installNeeds, install));
  add(
    'status',
    `show drift between tables and triggers; exit ${DRIFT} when there is any`,
    'tributary capture status --json',
  ).action(runCommand({ mysql: true }, status));
  add(
    'plan',
    'show how the rows of each table are read: SELECT, key, schema; asks information_schema only',
    'tributary capture plan --table github_data.users --json',
  ).action(runCommand({ mysql: true }, showReadingPlan));
  add(
    'repair',
    'replace the triggers of the tables that have drifted',
    'tributary capture repair --table github_data.users',
  ).action(runCommand({ mysql: true }, repair));
  add(
    'uninstall',
    'remove our triggers; the tables and their rows stay',
    'tributary capture uninstall --table github_data.users',
  )
    .option('--all', 'drop the capture schema as well, with the changes that are still in it')
    .action(runCommand({ mysql: true }, uninstall));
}

async function install({ servers, out, options, log }: Context): Promise<void> {
  await refuseForeignPlaces({ servers, out, log }, options.table);
  const connection = await servers.mysql();
  const known = (await captureStatus(connection, servers.config)).map(({ table }) => table);
  const tables = options.table === undefined ? undefined : chosen(known, options.table);
  const {
    tables: outcomes,
    definer,
    notes,
    suspended,
    skipped,
  } = await installCapture(connection, servers.config, {
    ...(tables && { tables }),
    onWaiting: (sentence) => out.note(sentence),
  });
  if (options.json) out.json({ definer, notes, tables: outcomes, suspended, skipped });
  else showOutcomes(out, outcomes);
  for (const note of [...notes, ...leftOut(suspended, skipped)]) out.note(note);
}

/** Also of what is no table, or is left out by the sync file. */
type StatusLine = Omit<CaptureStatus, 'state'> & {
  readonly state: CaptureStatus['state'] | 'excluded' | 'skipped';
};

const fine = new Set<StatusLine['state']>(['ok', 'excluded', 'skipped']);

async function status({ servers, out, options }: Context): Promise<number> {
  const report = await captureReport(await servers.mysql(), servers.config);
  const found = [
    ...report.statuses,
    ...report.skipped.map(({ table, code, reason }): StatusLine => ({
      ...{ table, state: code === 'EXCLUDED' ? 'excluded' : 'skipped', detail: reason },
    })),
  ];
  const lines: readonly StatusLine[] = found.filter(({ table }) => matchesTable(options.table, table));
  if (lines.length === 0)
    throw noSuchTable(
      options.table,
      found.map(({ table }) => table),
    );
  if (options.json) out.json(lines);
  else
    out.table<StatusLine>(
      [
        { head: 'table', value: ({ table }) => table },
        { head: 'state', value: ({ state }) => state },
        { head: 'detail', value: ({ detail }) => detail || '-' },
      ],
      lines,
    );
  return lines.every(({ state }) => fine.has(state)) ? 0 : DRIFT;
}

async function repair({ servers, out, options }: Context): Promise<void> {
  const connection = await servers.mysql();
  const found = await captureStatus(connection, servers.config);
  const wanted = new Set(
    chosen(
      found.map(({ table }) => table),
      options.table,
    ),
  );
  const drifted = found.filter(
    (status) => wanted.has(status.table) && (isMendable(status) || status.state === 'suspended'),
  );
  const tables = [...new Set(drifted.map(homeOf))];
  const outcomes = tables.length
    ? (
        await installCapture(connection, servers.config, {
          tables,
          onWaiting: (sentence) => out.note(sentence),
        })
      ).tables
    : [];
  if (options.json) out.json({ tables: outcomes });
  else if (outcomes.length === 0) out.line('Nothing to repair: triggers and tables agree.');
  else showOutcomes(out, outcomes);
  for (const table of new Set(drifted.flatMap((status) => missedTables(status, servers.config))))
    out.note(
      `Changes of ${table} may have been missed meanwhile: run tributary snapshot start --table ${table}, or tributary verify --table ${table} --repair.`,
    );
}

async function uninstall({ servers, out, options }: Context): Promise<void> {
  const connection = await servers.mysql();
  const found = await captureStatus(connection, servers.config);
  const tables =
    options.table === undefined
      ? undefined
      : chosen(
          found.map(({ table }) => table),
          options.table,
        );
  const { dropped, schemaDropped } = await uninstallCapture(connection, servers.config, {
    ...(tables && { tables }),
    ...(options.all && { all: true }),
    onWaiting: (sentence) => out.note(sentence),
  });
  if (options.json) return out.json({ dropped, schemaDropped });
  for (const trigger of dropped) out.line(`dropped ${trigger}`);
  if (dropped.length === 0) out.line('No trigger of ours was there.');
  if (schemaDropped) out.line(`dropped the capture schema ${servers.config.captureSchema}`);
}

function showOutcomes(out: Context['out'], outcomes: readonly TableOutcome[]): void {
  out.table<TableOutcome>(
    [
      { head: 'table', value: ({ table }) => table },
      { head: 'triggers', value: ({ action }) => action },
    ],
    outcomes,
  );
}

function chosen(known: readonly string[], wanted: string | undefined): string[] {
  const tables = known.filter((table) => matchesTable(wanted, table));
  if (tables.length === 0) throw noSuchTable(wanted, known);
  return tables;
}
