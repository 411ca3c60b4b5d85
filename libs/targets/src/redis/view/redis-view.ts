import { memberTexts, NO_VERSION, parseVersion, type Version, type WireRow } from '@tributary/contract';
import { redisFields, redisIndexMember, redisKey, UnmappableError, type RedisText } from '../../mapping';
import type { Redis } from 'ioredis';
import {
  shownPair,
  type ColumnDifference,
  type EntryList,
  type Expectation,
  type Finding,
  type ListedEntry,
  type TargetEntry,
  type TargetView,
  type ViewedRow,
  type ViewedTable,
} from '../../target-view';
import { withoutVersion } from './redis-digest';
import { RedisDigests } from './redis-digests';
import { RedisKeyParser } from './redis-key-parser';
import { layoutOf, type HeldRow, type RedisLayout } from './redis-layout';

/** Places in `RedisView.lists`. */
export const redisLists = { index: 0, keys: 1 } as const;

const BATCH = 1_000;
/** SCAN walks the keys of everybody: fewer, longer steps, each of some milliseconds. */
const SCAN_COUNT = 5_000;
/** Tombstones and positions of the sink. */
export const BOOKKEEPING = 'tributary:';

/** A table's keys and its index set in Redis. */
export class RedisView implements TargetView {
  readonly target = 'redis';
  readonly #layout: RedisLayout;
  readonly #parser: RedisKeyParser;
  readonly #digests: RedisDigests;
  readonly lists: readonly EntryList[];

  constructor(
    private readonly plan: ViewedTable,
    private readonly redis: Redis,
  ) {
    const { schema, settings } = plan;
    this.#layout = layoutOf(plan);
    this.#parser = new RedisKeyParser(plan);
    this.#digests = new RedisDigests(plan, redis);
    const several = settings.redis.as === 'fields';
    this.lists = [
      {
        named: true,
        nameOf: (row) => redisIndexMember(settings, schema, row),
        entries: () => this.#members(),
        unseen: async (entries) => entries,
      },
      {
        named: !several,
        nameOf: (row) => redisKey(settings, schema, row),
        entries: () => this.#keys(),
        unseen: (entries) => this.#unindexed(entries),
      },
    ];
  }

  entryOf(key: WireRow): TargetEntry {
    const id = redisKey(this.plan.settings, this.plan.schema, key);
    return { id, identity: id, keys: [key] };
  }

  async inspect(expected: readonly Expectation[]): Promise<(Finding | undefined)[]> {
    const { schema, settings } = this.plan;
    const keys = expected.map(({ key }) => redisKey(settings, schema, key));
    const pipeline = this.redis.pipeline();
    for (const [at, { key }] of expected.entries()) {
      this.#layout.read(pipeline, keys[at]!);
      pipeline.sismember(settings.redis.index, redisIndexMember(settings, schema, key));
    }
    const replies = (await pipeline.exec()) ?? [];
    const width = replies.length / expected.length;
    return expected.map(({ row }, at) => {
      const [held, index] = [replies.slice(at * width, (at + 1) * width - 1), replies[(at + 1) * width - 1]!];
      const refused = held.find(([error]) => error && !isWrongType(error))?.[0] ?? index[0];
      if (refused) throw refused;
      const foreign = held.some(([error]) => error);
      const value = foreign ? undefined : this.#layout.held(held.map(([, reply]) => reply));
      return compare(this.#wanted(row), { row: value, foreign, indexed: index[1] === 1 });
    });
  }

  candidates(rows: readonly ViewedRow[]): Promise<ViewedRow[]> {
    return this.#digests.candidates(rows);
  }

  async versions(keys: readonly WireRow[]): Promise<(Version | undefined)[]> {
    const { schema, settings } = this.plan;
    const pipeline = this.redis.pipeline();
    for (const key of keys) this.#layout.read(pipeline, redisKey(settings, schema, key));
    const replies = (await pipeline.exec()) ?? [];
    return replies.map(([error, reply]) => (error ? undefined : versionOf(this.#layout.held([reply]))));
  }

  async sample(count: number): Promise<TargetEntry[]> {
    const members = await this.redis.srandmember(this.plan.settings.redis.index, count);
    return members.map((member) => this.#memberEntry(member));
  }

  scanned(list: number, ref: string): TargetEntry {
    return list === redisLists.index ? this.#memberEntry(ref) : this.#keyEntry(ref);
  }

  async *#members(): AsyncGenerator<ListedEntry[]> {
    const { index } = this.plan.settings.redis;
    for await (const members of this.redis.sscanStream(index, { count: BATCH }) as AsyncIterable<string[]>)
      yield members.map((name) => ({ name, entry: () => this.#memberEntry(name) }));
  }

  #memberEntry(member: string): TargetEntry {
    const keys = this.#parser.keysOfMember(member);
    const id = keys[0]
      ? redisKey(this.plan.settings, this.plan.schema, keys[0])
      : `member ${member} of ${this.plan.settings.redis.index}`;
    return { id, identity: id, keys, orphan: 'index' };
  }

  /** The rows' keys, by a pattern that may be wider than the table; a row of several keys may come several times. */
  async *#keys(): AsyncGenerator<ListedEntry[]> {
    for await (const found of this.#scan()) {
      const ids = new Set(found.flatMap((dataKey) => this.#layout.rowKey(dataKey) ?? []));
      yield [...ids]
        .filter((id) => !id.startsWith(BOOKKEEPING) && this.#parser.mayBeOurs(id))
        .map((id) => ({ name: id, entry: () => this.#keyEntry(id) }));
    }
  }

  #keyEntry(id: string): TargetEntry {
    return { id, identity: id, keys: this.#parser.keysOf(id) };
  }

  /** Keys that the index does not know. A key that reads as none of the table's belongs to somebody else. */
  async #unindexed(entries: readonly TargetEntry[]): Promise<TargetEntry[]> {
    const { schema, settings } = this.plan;
    const ours = entries.filter(({ keys }) => keys.length > 0);
    const pipeline = this.redis.pipeline();
    for (const { keys } of ours)
      pipeline.sismember(settings.redis.index, redisIndexMember(settings, schema, keys[0]!));
    const replies = (await pipeline.exec()) ?? [];
    return ours.filter((_, at) => replies[at]?.[1] !== 1);
  }

  #scan(): AsyncIterable<string[]> {
    const match = this.#parser.glob + this.#layout.globTail;
    return this.redis.scanStream({ match, count: SCAN_COUNT }) as AsyncIterable<string[]>;
  }

  #wanted(row: WireRow | null): Wanted {
    if (!row) return { row: null };
    try {
      return { row: redisFields(this.plan.schema, this.plan.settings, row, NO_VERSION) };
    } catch (error) {
      if (!(error instanceof UnmappableError)) throw error;
      return { row: undefined, unmappable: error.message };
    }
  }
}

interface Wanted {
  /** `null`: the row should not be there; `undefined`: it cannot be. */
  readonly row: ReturnType<typeof redisFields> | null | undefined;
  readonly unmappable?: string;
}

interface Held {
  readonly row: HeldRow | undefined;
  /** The key holds a value of another type. */
  readonly foreign: boolean;
  readonly indexed: boolean;
}

function compare({ row, unmappable }: Wanted, held: Held): Finding | undefined {
  if (row === undefined)
    return { kind: 'missing', columns: [], note: `Redis cannot hold the row: ${unmappable}` };
  const version = versionOf(held.row);
  if (row === null) {
    if (held.row || held.foreign) return { kind: 'extra', columns: [], ...(version && { version }) };
    return held.indexed
      ? { kind: 'index', columns: [], note: 'the index set names a row that is not there' }
      : undefined;
  }
  if (held.foreign)
    return { kind: 'different', columns: [], note: 'the key holds a value of another Redis type' };
  if (!held.row) return { kind: 'missing', columns: [] };
  const columns =
    'json' in row
      ? jsonDifferences(row.json, held.row.json ?? '')
      : fieldDifferences(row.fields, held.row.fields);
  if (columns.length > 0) return { kind: 'different', columns, ...(version && { version }) };
  return held.indexed ? undefined : { kind: 'index', columns: [], note: 'the index set lacks the row' };
}

function fieldDifferences(
  source: ReadonlyMap<string, RedisText>,
  target: ReadonlyMap<string, Buffer> = new Map(),
): ColumnDifference[] {
  const differing: ColumnDifference[] = [];
  for (const column of new Set([...source.keys(), ...target.keys()])) {
    if (column === '_v') continue;
    const [left, right] = [source.get(column), target.get(column)];
    const bytes = typeof left === 'string' ? Buffer.from(left, 'utf8') : left;
    if (bytes && right && bytes.equals(right)) continue;
    differing.push({ column, ...shownPair(text(bytes), text(right)) });
  }
  return differing;
}

/** Text as it is; bytes that are no UTF-8 as hex. */
function text(bytes: Buffer | undefined): string | undefined {
  if (!bytes) return undefined;
  const decoded = bytes.toString('utf8');
  return decoded.includes('\ufffd') ? `0x${bytes.toString('hex')}` : decoded;
}

function jsonDifferences(source: string, target: string): ColumnDifference[] {
  const [left, right] = [withoutVersion(source), withoutVersion(target)];
  if (left === right) return [];
  const [wanted, held] = [membersOf(left), membersOf(right)];
  const columns = [...new Set([...Object.keys(wanted), ...Object.keys(held)])]
    .filter((column) => column !== '_v' && wanted[column] !== held[column])
    .map((column) => ({ column, ...shownPair(wanted[column], held[column]) }));
  // Equal members in another order or with other spaces hold the same row.
  return columns;
}

/** The texts of an object's members; a text that is no JSON object stands as one member. */
function membersOf(json: string): Readonly<Record<string, string>> {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return memberTexts(json, Object.keys(value));
  } catch {
    // Shown as it is.
  }
  return { value: json };
}

/** The version beside a row's values, when it stands there as the sink writes it. */
function versionOf(held: HeldRow | undefined): Version | undefined {
  return parseVersion(
    held?.fields?.get('_v')?.toString('latin1') ?? /^\{"_v":"(\d+)"/.exec(held?.json ?? '')?.[1],
  );
}

const isWrongType = (error: Error) => error.message.startsWith('WRONGTYPE');
