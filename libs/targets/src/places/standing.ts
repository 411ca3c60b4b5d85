import type { TargetRules } from '../target-plugin';
import { collide, type Place, type PlaceOwner, type PlaceRecord } from './place';

/** Whose versions a pipeline gives; as its relay says on `<prefix>.notes`. */
export interface PipelineIdentity {
  readonly pipeline: string;
  readonly incarnation: string;
  readonly epoch: number;
  /** The topic prefix. */
  readonly name: string;
}

/** How a pipeline stands to a place. */
export type Standing =
  | { readonly kind: 'free' }
  | { readonly kind: 'ours'; readonly owner: PlaceOwner }
  | { readonly kind: 'foreign'; readonly owner: PlaceOwner; readonly id: string };

/** The pipeline that asks: without an identity, as before its capture is installed, by its name. */
export type Asker = Pick<PipelineIdentity, 'name'> & { readonly pipeline?: string };

const isOurs = ({ pipeline, name }: PlaceOwner, asker: Asker) =>
  pipeline === '' ? name === asker.name : pipeline === asker.pipeline;

/** `shared`: what the asker's sync file says of the place. */
export function standing(
  place: Place,
  shared: boolean,
  records: readonly PlaceRecord[],
  asker: Asker,
): Standing {
  let ours: PlaceOwner | undefined;
  for (const record of records) {
    if (!collide(place, record)) continue;
    for (const owner of record.owners) {
      if (isOurs(owner, asker)) {
        if (record.id === place.id) ours = owner;
      } else if (!shared || !owner.shared) return { kind: 'foreign', owner, id: record.id };
    }
  }
  return ours ? { kind: 'ours', owner: ours } : { kind: 'free' };
}

/** The record of a place with this owner in it, in the place of what it had before. */
export function withOwner(place: Place, records: readonly PlaceRecord[], owner: PlaceOwner): PlaceRecord {
  const others = (records.find(({ id }) => id === place.id)?.owners ?? []).filter(
    (one) => !isOurs(one, owner),
  );
  return { id: place.id, keys: place.keys, owners: [...others, owner] };
}

export const FOREIGN_PLACE = 'FOREIGN_PLACE';

/** Why a table cannot be written and what to do, one sentence each. */
export function foreignTrouble(
  { words }: Pick<TargetRules, 'words'>,
  table: string,
  shared: boolean,
  { owner, id }: Extract<Standing, { kind: 'foreign' }>,
) {
  const tables = owner.tables.length > 0 ? `, with rows of ${owner.tables.slice(0, 5).join(', ')},` : '';
  const halfShared =
    shared === owner.shared
      ? ''
      : ` (${shared ? 'this sync file' : 'the other one'} says shared: true, ${shared ? 'the other one' : 'this one'} does not)`;
  return {
    code: FOREIGN_PLACE,
    reason: `${words.where(id)} belongs to the pipeline ${owner.name}${tables} since ${owner.since}${halfShared}, so nothing of ${table} is written or removed there.`,
    remedy: `Take it over with "tributary targets adopt --table ${table}" if that pipeline is no more, give the table ${words.elsewhere}, or say shared: true in the sync files of both.`,
  };
}
