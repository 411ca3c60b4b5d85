import type { Command } from 'commander';
import {
  adoptPlaces,
  installSchemas,
  placeNeeds,
  placeStatus,
  schemaNeeds,
  type InstalledSchema,
  type PlaceLine,
  type TargetName,
} from '@tributary/operations';
import { targetNames } from '@tributary/sync-config';
import type { Column } from '../output/table';
import { runCommand, type CommandContext } from '../run-command';

interface TargetsOptions {
  readonly table?: string;
  readonly target?: TargetName;
  readonly json?: boolean;
}

type Context = CommandContext<TargetsOptions>;

/** The exit code that says "it is not as it should be", as `capture status` has it. */
const FOREIGN = 2;

export function targetsCommands(program: Command): void {
  const group = program.command('targets').description('where rows stand in the targets, and whose they are');
  const add = (name: string, description: string, example: string) =>
    group
      .command(name)
      .description(description)
      .option('--table <database.table>', 'this table only; * stands for any characters')
      .option('--json', 'print the result as JSON')
      .addHelpText('after', `\nExample:\n  ${example}\n`);
  const target = ['--target <name>', `this target only: ${targetNames.join(' or ')}`] as const;
  add(
    'status',
    `show every place, whose rows stand there and of which epoch; exit ${FOREIGN} when one of ours belongs to another pipeline`,
    'tributary targets status --json',
  )
    .option(...target)
    .action(runCommand(placeNeeds, status));
  add(
    'install',
    'give the collections in MongoDB the validators that mongo.validator in the sync file asks for, made from the columns of now',
    'tributary targets install --table shop.*',
  ).action(runCommand(schemaNeeds, install));
  add(
    'adopt',
    'take over the places that another pipeline owns: ours then gives versions above all that they hold, and loads the tables',
    'tributary targets adopt --table github_data.users',
  )
    .option(...target)
    .action(runCommand(placeNeeds, adopt));
}

async function status({ operation, out, options }: Context): Promise<number> {
  const { pipeline, name, places } = await placeStatus(operation, options);
  if (options.json) out.json({ pipeline, name, places });
  else out.table(columns, places);
  if (pipeline === null)
    out.note(
      'No relay has said yet which pipeline this is: places count as ours by what was taken over only.',
    );
  for (const { state, tables, reason, remedy } of places)
    if (state === 'foreign' && reason) out.note(`${tables.join(', ')}: ${reason} ${remedy}`);
  for (const { place, schemaRemedy } of places) if (schemaRemedy) out.note(`${place}: ${schemaRemedy}`);
  return places.some(({ state }) => state === 'foreign') ? FOREIGN : 0;
}

const columns: Column<PlaceLine>[] = [
  { head: 'target', value: ({ target }) => target },
  { head: 'place', value: ({ place }) => place },
  { head: 'tables', value: ({ tables }) => tables.join(', ') || '-' },
  { head: 'state', value: ({ state }) => state },
  { head: 'owner', value: ({ owners }) => owners.map(({ name }) => name).join(', ') || '-' },
  { head: 'epoch', value: ({ owners }) => owners.map(({ epoch }) => epoch).join(', ') || '-', right: true },
  { head: 'since', value: ({ owners }) => owners.map(({ since }) => since).join(', ') || '-' },
  { head: 'shared', value: ({ shared }) => (shared ? 'yes: no sweep, no extra' : 'no') },
  { head: 'validator', value: ({ schema }) => schema ?? '-' },
];

async function install({ operation, out, options }: Context): Promise<number> {
  const installed = await installSchemas(operation, options);
  if (options.json) out.json({ collections: installed });
  else
    out.table(
      [
        { head: 'collection', value: ({ place }) => place },
        { head: 'tables', value: ({ tables }) => tables.join(', ') },
        { head: 'before', value: ({ before }) => before },
        { head: 'now', value: ({ now }) => now },
      ] satisfies Column<InstalledSchema>[],
      installed,
    );
  const untouched = installed.filter(({ reason }) => reason !== undefined);
  for (const { place, reason } of untouched) out.note(`${place} was left as it is: ${reason}.`);
  return untouched.length > 0 ? FOREIGN : 0;
}

async function adopt({ operation, out, options }: Context): Promise<void> {
  const { pipeline, name, adopted } = await adoptPlaces(operation, options);
  if (options.json) return out.json({ pipeline, name, adopted });
  for (const { table, target, place, from, epoch } of adopted)
    out.line(
      `${table}: ${place} in ${target} is taken over from ${from.map((owner) => `${owner.name} (since ${owner.since})`).join(', ')}; it holds versions up to epoch ${epoch}.`,
    );
  if (adopted.length === 0)
    out.line('Nothing to take over: no place of these tables belongs to another pipeline.');
  else
    out.line(
      'The sinks see it within seconds, ask the relay for versions above what the places hold and for a load of the tables; that load removes what the source does not have. A sink of the other pipeline that still runs stops writing there by itself. Watch: tributary targets status, tributary snapshot status.',
    );
}
