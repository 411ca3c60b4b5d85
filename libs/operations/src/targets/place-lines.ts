import { targetSettings, type TargetName } from '@tributary/sync-config';
import { foreignTrouble, type Asker, type PlaceOwner, type SchemaState } from '@tributary/targets';
import type { OpenTargets } from './open-targets';
import { placesOf, type TablePlace } from './places';

/**
 * ours: this pipeline writes there; foreign: another one does, and a table of ours should; free: nobody yet; other: another
 * pipeline's, and no table of ours goes there.
 */
type PlaceState = 'ours' | 'foreign' | 'free' | 'other';

export interface PlaceLine {
  readonly target: TargetName;
  readonly place: string;
  /** Of this sync file; of the owner where it has none there. */
  readonly tables: readonly string[];
  readonly state: PlaceState;
  readonly owners: readonly Pick<PlaceOwner, 'pipeline' | 'name' | 'epoch' | 'since' | 'shared' | 'tables'>[];
  /** Whether rows of several pipelines may stand there: nothing is swept, extra rows are not looked for. */
  readonly shared: boolean;
  /** Of a place of ours that has a schema: that beside the tables' columns. */
  readonly schema?: SchemaState;
  readonly schemaRemedy?: string;
  readonly reason?: string;
  readonly remedy?: string;
}

/** Every place of the sync file's tables, and every other one that the same bookkeeping names. */
export async function everyPlace(
  targets: OpenTargets,
  plans: Parameters<typeof placesOf>[1],
  asker: Asker,
): Promise<PlaceLine[]> {
  const places = await placesOf(targets, plans, asker);
  const lines: PlaceLine[] = [];
  for (const [target, connected] of targets) {
    const own = places.filter((place) => place.target === target);
    const databases = own.map(({ settings }) => target.place(settings).database);
    const records = await connected.places.all(databases);
    for (const place of own) {
      const { id } = target.place(place.settings);
      lines.push(lineOf(place, id, records.find((record) => record.id === id)?.owners ?? []));
    }
    const named = new Set(lines.map(({ place }) => place));
    for (const { id, owners } of records)
      if (!named.has(id))
        lines.push({
          ...{
            target: target.name,
            place: id,
            tables: owners.flatMap(({ tables }) => tables),
            state: 'other',
            owners: owners.map(shown),
          },
          shared: owners.every(({ shared }) => shared),
        });
  }
  return lines;
}

function lineOf(
  { target, settings, standing }: TablePlace,
  place: string,
  owners: readonly PlaceOwner[],
): PlaceLine {
  const { shared } = targetSettings(settings, target.name);
  // A Redis place can collide with one of another name.
  const shownOwners = standing.kind === 'foreign' && owners.length === 0 ? [standing.owner] : owners;
  const line = {
    target: target.name,
    place,
    tables: [settings.table],
    state: standing.kind,
    owners: shownOwners.map(shown),
    shared,
  };
  if (standing.kind !== 'foreign') return line;
  const { reason, remedy } = foreignTrouble(target, settings.table, shared, standing);
  return { ...line, reason, remedy };
}

const shown = ({ pipeline, name, epoch, since, shared, tables }: PlaceOwner) => ({
  ...{ pipeline, name, epoch },
  ...{ since, shared, tables },
});
