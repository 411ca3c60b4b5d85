import { createHash } from 'node:crypto';
import { BSON, type MatrixRow, type MatrixTable } from '@tributary/type-matrix';
import type { Redis } from 'ioredis';
import type { mongo } from 'mongoose';

/** Rows by key, their fields as texts that show type and bytes; `_sync` and `_v` are left out. */
export type State = ReadonlyMap<string, readonly string[]>;

const SHOWN = 120;

function shown(kind: string, content: Uint8Array): string {
  const hex = Buffer.from(content).toString('hex');
  if (hex.length <= SHOWN) return `${kind} ${hex} ${JSON.stringify(Buffer.from(content).toString('utf8'))}`;
  return `${kind} ${content.length} bytes, SHA-256 ${createHash('sha256').update(content).digest('hex')}`;
}

/** The elements of a raw document in their order: name, BSON type, bytes. */
function elements(document: Uint8Array): { id: string; fields: string[] } {
  let id = '';
  const fields: string[] = [];
  for (const [type, nameAt, nameLength, at, length] of BSON.onDemand.parseToElements(document)) {
    const name = Buffer.from(document.subarray(nameAt, nameAt + nameLength)).toString('utf8');
    const value = shown(`type ${type}`, document.subarray(at, at + length));
    if (name === '_id') id = value;
    else if (name !== '_sync') fields.push(`${name}: ${value}`);
  }
  return { id, fields };
}

const stateOf = (documents: readonly Uint8Array[]): State =>
  new Map(documents.map(elements).map(({ id, fields }) => [id, fields]));

export const wantedInMongo = ({ rows }: MatrixTable): State =>
  stateOf(rows.map(({ id, mongo }) => BSON.serialize(new Map([['_id', id], ...mongo]))));

export async function heldInMongo(collection: mongo.Collection): Promise<State> {
  const documents: unknown[] = await collection.find({}, { raw: true }).toArray();
  return stateOf(documents as Uint8Array[]);
}

const redisFields = (fields: readonly (readonly [string, string | Buffer])[]) =>
  fields
    .filter(([name]) => name !== '_v')
    .map(([name, value]) => `${name}: ${shown('text', Buffer.from(value))}`)
    .sort();

export const wantedInRedis = ({ rows }: MatrixTable): State =>
  new Map(rows.map(({ keyText, redis }) => [keyText, redisFields(redis)]));

export const redisKey = (database: string, table: string, { keyText }: Pick<MatrixRow, 'keyText'>) =>
  `${database}:${table}:${keyText}`;

/** The rows that the index set names, and the expected ones, which may stand there without being named. */
export async function heldInRedis(redis: Redis, database: string, table: MatrixTable): Promise<State> {
  const members = await redis.smembers(`${database}:${table.name}`);
  const state = new Map<string, string[]>();
  for (const keyText of new Set([...members, ...table.rows.map((row) => row.keyText)])) {
    const flat = (await redis.callBuffer('HGETALL', redisKey(database, table.name, { keyText }))) as Buffer[];
    if (flat.length === 0) continue;
    const fields = Array.from({ length: flat.length / 2 }, (_, at): [string, Buffer] => [
      flat[at * 2]!.toString('utf8'),
      flat[at * 2 + 1]!,
    ]);
    state.set(keyText, [...redisFields(fields), ...(members.includes(keyText) ? [] : ['not in the index'])]);
  }
  return state;
}

/** One line for each row that differs, with the fields of either side that the other lacks. */
export function differencesOf(place: string, wanted: State, held: State): string[] {
  return [...new Set([...wanted.keys(), ...held.keys()])].flatMap((key) => {
    const [want, have] = [wanted.get(key), held.get(key)];
    if (!want || !have) return [`${place}, ${key}: ${want ? 'missing' : 'not expected'}`];
    if (want.join('\n') === have.join('\n')) return [];
    const only = (these: readonly string[], those: readonly string[]) =>
      these.filter((field) => !those.includes(field)).join('; ');
    return [`${place}, ${key}: wanted ${only(want, have)}, held ${only(have, want)}`];
  });
}
