import type { Rejection } from './rejection';
import { header, headerText, type Headers } from './headers';
import { parseVersion, type Version } from './version';

/** `load`: a load of a whole table begins; `sweep`: it has ended, rows below its floor are gone from the source. */
const controlKinds = ['load', 'sweep'] as const;
export type ControlKind = (typeof controlKinds)[number];

/** What stands once in every partition of a topic around the rows of one load. */
export interface LoadControl {
  readonly kind: ControlKind;
  /** `database.table`. */
  readonly table: string;
  /** Fingerprint of the table's schema when the record was written. */
  readonly schema: string;
  /** Lower than the version of every row that the load holds, higher than any that was given out before it. */
  readonly floor: Version;
  /** The load's number, for people. */
  readonly job: string;
  /** How many partitions hold such a record. */
  readonly partitions: number;
}

export interface ControlRecord {
  readonly key: string;
  readonly value: string;
  readonly headers: Record<string, string>;
}

/** The record to be put into each partition. Its key has no member `key`, so it is no row's. */
export function controlRecord({ kind, table, schema, floor, job, partitions }: LoadControl): ControlRecord {
  return {
    key: JSON.stringify({ table, control: kind }),
    value: JSON.stringify({ control: kind, table, job, partitions }),
    headers: { [header.control]: kind, [header.version]: floor, [header.schema]: schema },
  };
}

/** A record of no row for every partition of a topic, so that each tells its own reader. */
export const inEveryPartition = <R extends object>(
  record: R,
  partitions: number,
): (R & { readonly partition: number })[] =>
  Array.from({ length: partitions }, (_, partition) => ({ ...record, partition }));

/** Kind of the record that says: events of this partition were lost before this place, for good. Belongs to no table. */
const LOST = 'lost';

/** The record that a stage puts behind a hole in a partition, so that no load across it is taken for whole. */
export const lostRecord = (reason: string): ControlRecord => ({
  key: JSON.stringify({ control: LOST }),
  value: JSON.stringify({ control: LOST, reason }),
  headers: { [header.control]: LOST },
});

export const isLostRecord = ({ headers }: { readonly headers: Headers }): boolean =>
  headerText(headers, header.control) === LOST;

/** Kind of the record that says when its mark was committed at the source. Belongs to no table. */
const CANARY = 'canary';

/**
 * The record that is sent through the pipeline to see that it gets to its end. `version`: of its mark in the change log, so that a
 * reader of the topic's end knows how far versions have come; `atMs`: when that was committed, UTC milliseconds.
 */
export const canaryRecord = (version: Version, atMs: number): ControlRecord => ({
  key: JSON.stringify({ control: CANARY }),
  value: JSON.stringify({ control: CANARY, at: new Date(atMs).toISOString() }),
  headers: { [header.control]: CANARY, [header.version]: version },
});

/** When a canary was committed at the source, UTC milliseconds; `undefined` for any other record. */
export function canaryAtMs({
  headers,
  value,
}: {
  readonly headers: Headers;
  readonly value: Buffer | null;
}): number | undefined {
  if (headerText(headers, header.control) !== CANARY) return undefined;
  const atMs = Date.parse(String(parsed(value)?.['at']));
  return Number.isNaN(atMs) ? undefined : atMs;
}

const MAX_PARTITIONS = 100_000;

/**
 * Reads a record that has the header `control`. `unknown`: a kind that a newer release wrote, to be passed on and
 * otherwise left alone.
 */
export function parseControl(record: {
  readonly value: Buffer | null;
  readonly headers: Headers;
}): LoadControl | Rejection | 'unknown' {
  const { value, headers } = record;
  const kind = headerText(headers, header.control);
  if (!isKind(kind)) return 'unknown';
  const floor = parseVersion(headerText(headers, header.version));
  if (!floor) return invalid(`header ${header.version} of a control record must be a row version`);
  const schema = headerText(headers, header.schema);
  if (!schema || !/^[0-9a-f]{16}$/.test(schema))
    return invalid(`header ${header.schema} of a control record must be a fingerprint`);
  const members = parsed(value);
  if (!members) return { code: 'MALFORMED_JSON', reason: 'the control record holds no JSON object' };
  const { table, job, partitions } = members;
  if (typeof table !== 'string' || typeof job !== 'string' || !isCount(partitions))
    return {
      code: 'INVALID_ENVELOPE',
      reason: 'a control record needs table, job and a number of partitions',
    };
  return { kind, table, schema, floor, job, partitions };
}

const invalid = (reason: string): Rejection => ({ code: 'INVALID_HEADERS', reason });

const isKind = (text: string | undefined): text is ControlKind =>
  controlKinds.some((known) => known === text);

const isCount = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) > 0 && (value as number) <= MAX_PARTITIONS;

function parsed(value: Buffer | null): Record<string, unknown> | undefined {
  try {
    const members: unknown = value && JSON.parse(value.toString('utf8'));
    return typeof members === 'object' && members !== null ? (members as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
