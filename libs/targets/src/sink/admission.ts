import { isNewer, versionEpoch, type Rejection, type RowSchema, type Version } from '@tributary/contract';
import type { TableSettings } from '@tributary/sync-config';
import type { Admission, PlaceKeeper } from '../places/place-keeper';
import type { RowChange } from '../row-change';
import type { TableControl } from '../sweep/sweeper';

export interface AdmissionParts {
  readonly places: Pick<PlaceKeeper, 'admit' | 'highest'>;
  /** Whether a table is left out for a reason of its own (R15). */
  isSuspended(table: string): boolean;
  /** Whether rows of this schema can be written with the settings; suspends the table when not (R15). */
  fits(settings: TableSettings, schema: RowSchema): boolean;
}

/** A round, by what may be done with it. */
export interface Admitted {
  readonly changes: RowChange[];
  readonly controls: TableControl[];
  /** Of suspended tables. */
  readonly suspended: RowChange[];
  /** Of another change log than the one whose load comes. */
  readonly superseded: RowChange[];
  /** With versions that nobody of this pipeline gave. */
  readonly strange: { readonly change: RowChange; readonly rejection: Rejection }[];
}

/** Sorts a round by what its tables' places admit: one question a table, none a row. Throws a SyncError `retry`. */
export async function admit(
  { places, isSuspended, fits }: AdmissionParts,
  changes: readonly RowChange[],
  controls: readonly TableControl[],
): Promise<Admitted> {
  const newest = new Map<string, { settings: TableSettings; version: Version }>();
  const unfit = new Set<RowSchema>();
  const judged = new Set<RowSchema>();
  const note = (settings: TableSettings, schema: RowSchema, version: Version) => {
    if (!judged.has(schema)) {
      judged.add(schema);
      if (!fits(settings, schema)) unfit.add(schema);
    }
    const known = newest.get(settings.table);
    if (!known) newest.set(settings.table, { settings, version });
    else if (isNewer(version, known.version)) known.version = version;
  };
  for (const { table, schema, version } of changes) note(table, schema, version);
  for (const { settings, schema, control } of controls) note(settings, schema, control.floor);
  const found = { changes: [], controls: [], suspended: [], superseded: [], strange: [] };
  const admitted: Admitted = found;
  if (newest.size === 0) return admitted;
  const newestEpoch = Math.max(...[...newest.values()].map(({ version }) => versionEpoch(version)));
  const highest = await places.highest(newestEpoch);
  const admissions = new Map<string, Admission>();
  for (const [table, { settings, version }] of newest) {
    const admission = await places.admit(settings, Math.min(versionEpoch(version), highest));
    admissions.set(table, isSuspended(table) ? { kind: 'none' } : admission);
  }
  if (
    newestEpoch <= highest &&
    unfit.size === 0 &&
    [...admissions.values()].every(({ kind }) => kind === 'all')
  )
    return { ...admitted, changes: [...changes], controls: [...controls] };
  for (const change of changes) {
    const { table } = change.table;
    const admission = admissions.get(table)!;
    if (admission.kind === 'none' || unfit.has(change.schema)) admitted.suspended.push(change);
    else if (versionEpoch(change.version) > highest)
      admitted.strange.push({ change, rejection: strange(change.version, highest) });
    else if (isBelow(change.version, admission)) admitted.superseded.push(change);
    else admitted.changes.push(change);
  }
  for (const control of controls) {
    const admission = admissions.get(control.settings.table)!;
    const { floor } = control.control;
    if (unfit.has(control.schema)) continue;
    if (admission.kind !== 'none' && versionEpoch(floor) <= highest && !isBelow(floor, admission))
      admitted.controls.push(control);
  }
  return admitted;
}

const isBelow = (version: Version, admission: Admission) =>
  admission.kind === 'above' && versionEpoch(version) <= admission.epoch;

const strange = (version: Version, highest: number): Rejection => ({
  code: 'INVALID_HEADERS',
  reason: `header v has epoch ${versionEpoch(version)}, which no relay of this pipeline has given: it gives epoch ${highest}`,
});
