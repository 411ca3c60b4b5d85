import { transient } from '@tributary/kernel';
import { targetSettings, type TableSettings } from '@tributary/sync-config';
import type { TargetRules } from '../target-plugin';
import type { Place, PlaceOwner, PlaceRecord } from './place';
import type { PlaceStore } from './place-store';
import { standing, withOwner, type Asker, type PipelineIdentity } from './standing';

export interface Takeover {
  readonly place: string;
  /** Whose the place was. */
  readonly from: readonly PlaceOwner[];
  /** The highest epoch that it holds. */
  readonly epoch: number;
}

const TRIES = 20;

/**
 * Makes a pipeline the owner of a table's place that belongs to others; `undefined` when it belongs to nobody else. What
 * it holds keeps its epoch and change log, so that the sink asks for versions above it and for a load.
 */
export async function takeOver(
  store: PlaceStore,
  target: Pick<TargetRules, 'name' | 'place'>,
  settings: TableSettings,
  asker: Asker,
): Promise<Takeover | undefined> {
  const place = target.place(settings);
  const { shared } = targetSettings(settings, target.name);
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const { records, mark } = await store.near(place);
    const from: PlaceOwner[] = [];
    const left = records.map((record): PlaceRecord => {
      const owners = record.owners.filter((owner) => {
        const foreign = standing(place, shared, [{ ...record, owners: [owner] }], asker).kind === 'foreign';
        if (foreign) from.push(owner);
        return !foreign;
      });
      return { ...record, owners };
    });
    if (from.length === 0) return undefined;
    const found = standing(place, shared, left, asker);
    const held = [...from, ...(found.kind === 'ours' ? [found.owner] : [])];
    const newest = held.reduce((max, owner) => (owner.epoch > max.epoch ? owner : max));
    const owner: PlaceOwner = {
      ...{ pipeline: asker.pipeline ?? '', name: asker.name },
      tables: [...new Set([...(found.kind === 'ours' ? found.owner.tables : []), settings.table])],
      ...{ incarnation: newest.incarnation, epoch: newest.epoch, shared },
      ...{ since: new Date().toISOString(), taken: true },
    };
    const changed = left.filter(
      ({ id, owners }, at) => id !== place.id && owners.length !== records[at]!.owners.length,
    );
    if (await store.write(place, [...changed, withOwner(place, left, owner)], mark))
      return { place: place.id, from, epoch: newest.epoch };
  }
  throw transient(
    'PLACE',
    `The record of ${place.id} is changed by others all the time: run the command again.`,
  );
}

/** The name that `notesGroup` answers, as it stands: nothing is written. */
export async function notesGroupOf(
  store: PlaceStore,
  group: string,
  asker: Required<Asker>,
): Promise<string> {
  const place = store.groupPlace(group);
  const { records } = await store.near(place);
  return standing(place, false, records, asker).kind === 'foreign' ? `${group}@${asker.pipeline}` : group;
}

/**
 * The name under which a consumer group's positions are kept: its own, unless another pipeline of the same name keeps
 * its own there already.
 */
export async function notesGroup(
  store: PlaceStore,
  group: string,
  { pipeline, name, incarnation, epoch }: PipelineIdentity,
): Promise<string> {
  const place: Place = store.groupPlace(group);
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const { records, mark } = await store.near(place);
    const found = standing(place, false, records, { pipeline, name });
    if (found.kind === 'ours') return group;
    if (found.kind === 'foreign') return `${group}@${pipeline}`;
    const since = new Date().toISOString();
    const owner = { pipeline, name, tables: [], incarnation, epoch, shared: false, since };
    if (await store.write(place, [withOwner(place, records, owner)], mark)) return group;
  }
  throw transient('PLACE', `The record of ${place.id} is changed by others all the time; trying again.`);
}
