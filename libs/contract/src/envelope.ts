import type { WireRow } from './column';

/** c insert, u update, d delete, r read by a snapshot or a repair, t truncate. */
export const operations = ['c', 'u', 'd', 'r', 't'] as const;
export type Operation = (typeof operations)[number];

/** Where a change comes from, in Debezium's shape; `seq` is the row version of header `v`. */
interface EventSource {
  readonly version: string;
  readonly connector: 'tributary';
  /** The topic prefix. */
  readonly name: string;
  /** When the trigger ran (UTC milliseconds); for a snapshot row, when its chunk was read. */
  readonly ts_ms: number;
  readonly snapshot: 'true' | 'false';
  readonly db: string;
  readonly table: string;
  readonly seq: string;
}

/** The value of a message on `<prefix>.changes` and `<prefix>.validated`. */
export interface ChangeEvent {
  readonly before: WireRow | null;
  readonly after: WireRow | null;
  readonly source: EventSource;
  readonly op: Operation;
  /** When the relay published it (UTC milliseconds). */
  readonly ts_ms: number;
}

/** The key of a message. */
export interface EventKey {
  /** `database.table`. */
  readonly table: string;
  /** Key columns in key order, by wire name. */
  readonly key: WireRow;
}

interface EnvelopeParts {
  readonly before: string;
  readonly after: string;
  readonly op: Operation;
  readonly sourceTsMs: number;
  readonly publishedTsMs: number;
  readonly snapshot: boolean;
  readonly version: string;
}

/** Writes message values of one table. */
export interface EnvelopeWriter {
  /** Images are JSON texts that the row encoder made. */
  (parts: EnvelopeParts): string;
  /** The same in two parts, between which the `after` image stands. */
  around(parts: Omit<EnvelopeParts, 'after'>): readonly [head: string, tail: string];
}

export function envelopeWriter(prefix: string, table: string, productVersion: string): EnvelopeWriter {
  const dot = table.indexOf('.');
  const member = (name: string, value: string) => `${JSON.stringify(name)}:${JSON.stringify(value)}`;
  const head =
    `,"source":{${member('version', productVersion)},"connector":"tributary",${member('name', prefix)},` +
    `${member('db', table.slice(0, dot))},${member('table', table.slice(dot + 1))},"snapshot":"`;
  const tail = (parts: Omit<EnvelopeParts, 'after'>) =>
    `${head}${parts.snapshot}","ts_ms":${parts.sourceTsMs},` +
    `"seq":"${parts.version}"},"op":"${parts.op}","ts_ms":${parts.publishedTsMs}}`;
  const write = (parts: EnvelopeParts) => `{"before":${parts.before},"after":${parts.after}${tail(parts)}`;
  const around = (parts: Omit<EnvelopeParts, 'after'>) =>
    [`{"before":${parts.before},"after":`, tail(parts)] as const;
  return Object.assign(write, { around });
}

/** Writes message keys of one table; `key` is the JSON text of the key columns. */
export function eventKeyWriter(table: string): (key: string) => string {
  const head = `{"table":${JSON.stringify(table)},"key":`;
  return (key) => `${head}${key}}`;
}
