import type Redis from 'ioredis';
import type { mongo } from 'mongoose';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { foundInMongo, keyTextOf, wantedInMongo, wantedInRedis } from './plain-values';
import { layouts } from './redis-layouts';
import type { FaultTable } from './tables';

export interface Difference {
  readonly table: string;
  /** The key's text, as it stands in a Redis key. */
  readonly id: string;
  readonly target: 'MongoDB' | 'Redis' | 'Redis index';
  readonly what: string;
}

export interface Compared {
  readonly rows: number;
  readonly differences: readonly Difference[];
}

type Row = ReadonlyMap<string, Buffer | null>;

/**
 * Compares the tables with both targets by plain reads, apart from the product's own `verify`: the same rows and no
 * others, every field, and the index sets.
 */
export async function compareAll(
  tables: readonly FaultTable[],
  deps: {
    readonly url: string;
    readonly database: string;
    readonly mongo: mongo.MongoClient;
    readonly redis: Redis;
  },
): Promise<Compared> {
  const differences: Difference[] = [];
  let rows = 0;
  for (const table of tables) {
    const source = await sourceRows(deps.url, deps.database, table);
    rows += source.size;
    differences.push(...(await compareMongo(table, source, deps.mongo.db(deps.database))));
    differences.push(...(await compareRedis(table, source, deps.redis, `${deps.database}:${table.name}`)));
  }
  return { rows, differences };
}

async function sourceRows(url: string, database: string, table: FaultTable): Promise<Map<string, Row>> {
  const connection = await createConnection({ uri: url, database, charset: 'utf8mb4' });
  try {
    await connection.query(`SET time_zone = '+00:00'`);
    const names = Object.keys(table.columns);
    const cellsOf = names.map((name) => table.from?.[name] ?? `\`${name}\``);
    const [rows] = await connection.query<RowDataPacket[][]>({
      sql: `SELECT ${cellsOf.join(', ')} FROM \`${table.name}\` WHERE ${table.where ?? 'TRUE'}`,
      rowsAsArray: true,
      typeCast: (field) => field.buffer(),
    });
    const cells = rows as unknown as (Buffer | null)[][];
    return new Map(
      cells.map((values) => {
        const row = new Map(names.map((name, at) => [name, values[at] ?? null]));
        return [table.key.map((name) => keyTextOf(table.columns[name]!, row.get(name)!)).join(':'), row];
      }),
    );
  } finally {
    await connection.end();
  }
}

async function compareMongo(
  table: FaultTable,
  source: ReadonlyMap<string, Row>,
  db: mongo.Db,
): Promise<Difference[]> {
  const differences: Difference[] = [];
  const differ = (id: string, what: string) =>
    differences.push({ table: table.name, id, target: 'MongoDB', what });
  const wanted = new Map<string, [id: string, row: Row]>();
  for (const [id, row] of source) wanted.set(mongoIdOf(table, id, row), [id, row]);
  const documents = db
    .collection(table.name)
    .find({}, { promoteValues: false, promoteLongs: false, promoteBuffers: false });
  for await (const { _id, _sync, ...fields } of documents) {
    const found = foundInMongo(_id);
    const match = wanted.get(found);
    const version = `version ${String((_sync as { v?: unknown } | undefined)?.v)}`;
    if (!match) {
      differ(found, `is there (${version}), but not in the source`);
      continue;
    }
    wanted.delete(found);
    const [id, row] = match;
    for (const [name, value] of row) {
      const [want, have] = [wantedInMongo(table.columns[name]!, value), foundInMongo(fields[name])];
      if (want !== have) differ(id, `${name} is ${shown(have)}, not ${shown(want)} (${version})`);
    }
    for (const name of Object.keys(fields)) if (!row.has(name)) differ(id, `has a field ${name}`);
  }
  for (const [id] of wanted.values()) differ(id, 'is missing');
  return differences;
}

function mongoIdOf(table: FaultTable, id: string, row: Row): string {
  const [name, second] = table.key;
  return second === undefined ? wantedInMongo(table.columns[name!]!, row.get(name!) ?? null) : `String ${id}`;
}

async function compareRedis(
  table: FaultTable,
  source: ReadonlyMap<string, Row>,
  redis: Redis,
  prefix: string,
): Promise<Difference[]> {
  const differences: Difference[] = [];
  const differ = (id: string, what: string, target: Difference['target'] = 'Redis') =>
    differences.push({ table: table.name, id, target, what });
  const layout = layouts[table.layout ?? 'hash'];
  const keys = new Set<string>();
  for await (const found of redis.scanStream({ match: `${prefix}:*`, count: 1_000 }))
    for (const key of found) keys.add(key);
  for (const [id, row] of source) {
    const found = layout.keys(`${prefix}:${id}`, [...row.keys()]).filter((key) => keys.delete(key));
    if (found.length === 0) {
      differ(id, 'is missing');
      continue;
    }
    const held = await layout.read(redis, `${prefix}:${id}`, [...row.keys()]);
    const version = `version ${String(held['_v'])}`;
    for (const [name, value] of row) {
      const [want, have] = [
        wantedInRedis(table.columns[name]!, value),
        held[name]?.toString('latin1') ?? null,
      ];
      if (want !== have) differ(id, `${name} is ${shown(have)}, not ${shown(want)} (${version})`);
    }
    for (const name of Object.keys(held))
      if (name !== '_v' && !row.has(name)) differ(id, `has a field ${name}`);
  }
  for (const key of keys) {
    const version = String(await redis.hget(key, '_v').catch(() => 'unknown'));
    differ(key.slice(prefix.length + 1), `is there (version ${version}), but not in the source`);
  }
  const members = new Set(await redis.smembers(prefix));
  for (const id of source.keys()) if (!members.delete(id)) differ(id, 'is not in the index', 'Redis index');
  for (const id of members) differ(id, 'is in the index, but not in the source', 'Redis index');
  return differences;
}

/** A large value is told by its length and its beginning. */
const shown = (text: string | null) =>
  text !== null && text.length > 300 ? `${text.slice(0, 100)}... (${text.length} characters)` : text;
