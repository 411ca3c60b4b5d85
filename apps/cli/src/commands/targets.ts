import type { Command } from 'commander';
import { readEnv, type Needs } from '@tributary/service';
import { takeOver, type PlaceTarget } from '@tributary/targets';
import { usedTargets, type TargetName } from '@tributary/verify';
import type { Column } from '../output/table';
import { runCommand, type CommandContext } from '../run-command';
import { matchesTable, noSuchTable } from '../tables';
import { everyPlace, type PlaceLine } from '../targets/place-lines';
import { ownPipeline, placesOf, placeStores, usablePlans, type PlaceStores } from '../targets/places';

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
      .option('--target <name>', 'this target only: mongo or redis')
      .option('--json', 'print the result as JSON')
      .addHelpText('after', `\nExample:\n  ${example}\n`);
  add(
    'status',
    `show every place, whose rows stand there and of which epoch; exit ${FOREIGN} when one of ours belongs to another pipeline`,
    'tributary targets status --json',
  ).action(runCommand(needs, status));
  add(
    'adopt',
    'take over the places that another pipeline owns: ours then gives versions above all that they hold, and loads the tables',
    'tributary targets adopt --table github_data.users',
  ).action(runCommand(needs, adopt));
}

/** Only the targets that the sync file uses are asked for. */
function needs(options: TargetsOptions): Needs {
  const used = chosenTargets(options);
  return { mysql: true, kafka: true, mongodb: used.includes('mongo'), redis: used.includes('redis') };
}

const chosenTargets = ({ target }: TargetsOptions): PlaceTarget[] =>
  usedTargets(readEnv({}).config).filter((name) => target === undefined || name === target);

async function status({ servers, out, options, log }: Context): Promise<number> {
  const stores = await placeStores(servers, chosenTargets(options));
  const ours = await ownPipeline({ servers, log }, { kafka: true, mysql: true });
  const lines = (await everyPlace(stores, await chosen(servers, options), ours)).filter(
    ({ tables }) => options.table === undefined || tables.some((table) => matchesTable(options.table, table)),
  );
  if (options.json) out.json({ pipeline: ours.pipeline ?? null, name: ours.name, places: lines });
  else out.table(columns, lines);
  if (ours.pipeline === undefined)
    out.note(
      'No relay has said yet which pipeline this is: places count as ours by what was taken over only.',
    );
  for (const { state, tables, reason, remedy } of lines)
    if (state === 'foreign' && reason) out.note(`${tables.join(', ')}: ${reason} ${remedy}`);
  return lines.some(({ state }) => state === 'foreign') ? FOREIGN : 0;
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
];

async function adopt({ servers, out, options, log }: Context): Promise<void> {
  const stores = await placeStores(servers, chosenTargets(options));
  const ours = await ownPipeline({ servers, log }, { kafka: true, mysql: true });
  const places = await placesOf(stores, await chosen(servers, options), ours);
  const adopted = [];
  for (const { target, settings } of places) {
    const taken = await takeOver(storeOf(stores, target), target, settings, ours);
    if (!taken) continue;
    const from = taken.from.map(({ pipeline, name, tables, since }) => ({ pipeline, name, tables, since }));
    adopted.push({ table: settings.table, target, place: taken.place, from, epoch: taken.epoch });
  }
  if (options.json) return out.json({ pipeline: ours.pipeline ?? null, name: ours.name, adopted });
  for (const { table, target, place, from, epoch } of adopted)
    out.line(
      `${table}: ${place} in ${target} is taken over from ${from.map(({ name, since }) => `${name} (since ${since})`).join(', ')}; it holds versions up to epoch ${epoch}.`,
    );
  if (adopted.length === 0)
    out.line('Nothing to take over: no place of these tables belongs to another pipeline.');
  else
    out.line(
      'The sinks see it within seconds, ask the relay for versions above what the places hold and for a load of the tables; that load removes what the source does not have. A sink of the other pipeline that still runs stops writing there by itself. Watch: tributary targets status, tributary snapshot status.',
    );
}

const storeOf = (stores: PlaceStores, target: PlaceTarget) => stores[target]!;

async function chosen(servers: Context['servers'], { table }: TargetsOptions) {
  const plans = await usablePlans(servers);
  const found = plans.filter(({ schema }) => matchesTable(table, schema.table));
  if (found.length === 0)
    throw noSuchTable(
      table,
      plans.map(({ schema }) => schema.table),
    );
  return found;
}
