import { isUtf8 } from 'node:buffer';
import { crc32 } from 'node:zlib';
import { columnKinds } from './column';
import type { Operation } from './envelope';
import { compileImageScan, form, imageSpans, type ImageScan, type ImageSpans } from './image-scan';
import {
  CLOSE_BRACE,
  integerAt,
  literal,
  QUOTE,
  skipDigits,
  skipInteger,
  skipLiteral,
  MINUS,
} from './json-bytes';
import { keyColumns, type RowSchema } from './row-schema';

/** A change event by where its parts stand in the message. Good until the next message is scanned. */
export interface ScannedEvent {
  readonly op: Exclude<Operation, 't'>;
  /** `source.ts_ms`. */
  readonly tsMs: number;
  /** CRC-32 over both images. */
  readonly crc: number;
  /** Spans in the value; `undefined`: the image is null, or that of a delete which has the key columns alone. */
  readonly before: ImageSpans | undefined;
  readonly after: ImageSpans | undefined;
  /** Spans in the key, in key order; the same values stand in the images. None is null. */
  readonly key: ImageSpans;
}

/** `undefined`: the message is not of the form that the relay writes, which says nothing about whether it is good. */
export type EventScan = (key: Uint8Array, value: Buffer) => ScannedEvent | undefined;

const NULL = literal('null');
const CRC_OF_NULL = crc32('null');
const START = literal('{"before":');
const AFTER = literal(',"after":');
const VERSION = literal(',"source":{"version":"');
const NAME = literal('","connector":"tributary","name":"');
const IS_SNAPSHOT = literal('true","ts_ms":');
const IS_LIVE = literal('false","ts_ms":');
const SEQ = literal(',"seq":"');
const OP = literal('"},"op":"');
const PUBLISHED = literal('","ts_ms":');
const SEQ_DIGITS = 19;
/** More would not be a time, and past 2^53 no integer. */
const MAX_TIME_DIGITS = 15;

/**
 * Compiles the reader of messages of one table shape, exactly as the relay writes them (`envelope.ts`): where everything
 * stands, and the checksum, by one walk over the bytes. `undefined` for a schema that needs a closer look.
 */
export function compileEventScan(schema: RowSchema): EventScan | undefined {
  return isPlain(schema) ? new EventScanner(schema).scan : undefined;
}

/** Whether the columns tell their values apart, and JSON.parse takes them as they stand. */
function isPlain({ table, columns, key }: RowSchema): boolean {
  const fields = new Set(columns.map(({ field }) => field));
  return (
    /^[^.]+\..+$/s.test(table) &&
    fields.size === columns.length &&
    !fields.has('__proto__') &&
    columns.every(({ kind }) => columnKinds.includes(kind)) &&
    key.length > 0 &&
    new Set(key).size === key.length &&
    key.every((field) => fields.has(field))
  );
}

class EventScanner implements ScannedEvent {
  op: ScannedEvent['op'] = 'c';
  tsMs = 0;
  crc = 0;
  before: ImageSpans | undefined = undefined;
  after: ImageSpans | undefined = undefined;
  readonly key: ImageSpans;
  /** Where a before image begins that has the key columns alone; else 0. */
  #keyAlone = 0;
  readonly #before: ImageSpans;
  readonly #after: ImageSpans;
  readonly #scanImage: ImageScan;
  readonly #scanKey: ImageScan;
  /** Of each key column, where it stands among the columns. */
  readonly #places: readonly number[];
  readonly #keyStart: Uint8Array;
  readonly #names: Uint8Array;

  constructor(schema: RowSchema) {
    const { table, columns } = schema;
    const ofKey = keyColumns(schema);
    this.key = imageSpans(ofKey.length);
    this.#before = imageSpans(columns.length);
    this.#after = imageSpans(columns.length);
    this.#scanImage = compileImageScan(columns);
    this.#scanKey = compileImageScan(ofKey);
    this.#places = ofKey.map((column) => columns.indexOf(column));
    this.#keyStart = literal(`{"table":${JSON.stringify(table)},"key":`);
    const dot = table.indexOf('.');
    const [database, name] = [table.slice(0, dot), table.slice(dot + 1)].map((part) => JSON.stringify(part));
    this.#names = literal(`","db":${database},"table":${name},"snapshot":"`);
  }

  readonly scan: EventScan = (key, value) => {
    let at = this.#images(value);
    if (at < 0) return undefined;
    at = this.#source(value, at);
    if (at < 0 || !this.#rest(value, at) || !this.#sameKey(key, value)) return undefined;
    return isUtf8(value) ? this : undefined;
  };

  /** Both images; the byte past them. */
  #images(value: Buffer): number {
    const before = skipLiteral(value, 0, START);
    if (before < 0) return -1;
    let at = skipLiteral(value, before, NULL);
    const isNull = at > 0;
    if (!isNull) at = this.#scanImage(value, before, this.#before);
    this.before = isNull || at < 0 ? undefined : this.#before;
    this.#keyAlone = at < 0 ? before : 0;
    if (at < 0) at = this.#scanKey(value, before, this.key);
    const after = skipLiteral(value, at, AFTER);
    if (after < 0) return -1;
    const crc = isNull ? CRC_OF_NULL : crc32(value.subarray(before, at));
    at = skipLiteral(value, after, NULL);
    this.after = at < 0 ? this.#after : undefined;
    if (at < 0) at = this.#scanImage(value, after, this.#after);
    if (at < 0) return -1;
    this.crc = crc32(value.subarray(after, at), crc);
    return at;
  }

  /** Up to the version. */
  #source(value: Buffer, at: number): number {
    at = skipWord(value, skipLiteral(value, at, VERSION));
    at = skipWord(value, skipLiteral(value, at, NAME));
    at = skipLiteral(value, at, this.#names);
    const live = skipLiteral(value, at, IS_LIVE);
    const time = live < 0 ? skipLiteral(value, at, IS_SNAPSHOT) : live;
    at = skipTime(value, time);
    if (at < 0) return -1;
    this.tsMs = integerAt(value, time, at);
    const digits = skipLiteral(value, at, SEQ);
    return digits > 0 && skipDigits(value, digits) === digits + SEQ_DIGITS ? digits + SEQ_DIGITS : -1;
  }

  /** Up to the end. */
  #rest(value: Buffer, at: number): boolean {
    at = skipLiteral(value, at, OP);
    const op = at < 0 || at >= value.length ? undefined : operationOf[value[at]!];
    if (op === undefined || (op === 'd') === (this.after !== undefined)) return false;
    if (this.#keyAlone > 0 && op !== 'd') return false;
    this.op = op;
    at = skipTime(value, skipLiteral(value, at + 1, PUBLISHED));
    return at === value.length - 1 && value[at] === CLOSE_BRACE;
  }

  /** Whether the key is that of the images, by its bytes. */
  #sameKey(key: Uint8Array, value: Uint8Array): boolean {
    const start = skipLiteral(key, 0, this.#keyStart);
    if (start < 0) return false;
    const end = this.#scanKey(key, start, this.key);
    if (end !== key.length - 1 || key[end] !== CLOSE_BRACE) return false;
    if (this.#keyAlone > 0 && skipLiteral(value, this.#keyAlone, key.subarray(start, end)) < 0) return false;
    const image = this.after ?? this.before;
    for (let nth = 0; nth < this.#places.length; nth += 1) {
      if (this.key.forms[nth] === form.null) return false;
      if (image && !sameSpan(key, this.key, nth, value, image, this.#places[nth]!)) return false;
    }
    return image !== undefined || isUtf8(key);
  }
}

const operationOf: (ScannedEvent['op'] | undefined)[] = [];
for (const op of ['c', 'u', 'd', 'r'] as const) operationOf[op.charCodeAt(0)] = op;

/** The rest of a text of plain characters, up to its closing quote. */
function skipWord(bytes: Uint8Array, at: number): number {
  if (at < 0) return -1;
  for (; at < bytes.length; at += 1) {
    const byte = bytes[at]!;
    if (byte === QUOTE) return at;
    if (byte < 0x20 || byte > 0x7e || byte === 0x5c) return -1;
  }
  return -1;
}

const skipTime = (bytes: Uint8Array, at: number) =>
  at < 0 || bytes[at] === MINUS ? -1 : skipInteger(bytes, at, MAX_TIME_DIGITS);

function sameSpan(
  key: Uint8Array,
  ofKey: ImageSpans,
  keyPlace: number,
  value: Uint8Array,
  ofValue: ImageSpans,
  place: number,
): boolean {
  const start = ofKey.starts[keyPlace]!;
  const length = ofKey.ends[keyPlace]! - start;
  const other = ofValue.starts[place]!;
  if (ofValue.ends[place]! - other !== length) return false;
  for (let nth = 0; nth < length; nth += 1) if (key[start + nth] !== value[other + nth]) return false;
  return true;
}
