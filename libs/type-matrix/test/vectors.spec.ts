import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stackEnv } from '@tributary/testing';
import {
  BSON,
  valueGroups,
  vectorFiles,
  vectorFolder,
  type MatrixTable,
  type TableVectors,
  type VectorFile,
} from '../src';

const { ADMIN_MYSQL_URL: mysql, ADMIN_MARIADB_URL: mariadb } = stackEnv();
const servers = [
  ['mysql', mysql],
  ...(mariadb === undefined ? [] : [['mariadb', mariadb] as const]),
] as const;
const root = join(__dirname, '..', '..', '..', vectorFolder);

describe.each(servers)('R9: vectors on %s', (server, url) => {
  it('are the committed ones when they are made again, and what the matrix says by hand', async () => {
    for (const [name, text] of await vectorFiles(server, url)) {
      expect(text).toBe(readFileSync(join(root, name), 'utf8'));
      const tables = valueGroups(server)[name.slice(server.length + 1, -'.json'.length)] ?? [];
      const vectors = (JSON.parse(text) as VectorFile).tables;
      for (const [at, table] of tables.entries())
        expect(held(vectors[at]!)).toEqual(wanted(table, vectors[at]!));
    }
  }, 120_000);
});

const held = ({ rows }: TableVectors) =>
  rows.map(({ keyText, bson, redis }) => ({ keyText, bson, redis: Object.fromEntries(redis) }));

/** By the matrix, without the columns that the vectors leave out. */
function wanted({ rows }: MatrixTable, { schema }: TableVectors) {
  const names = new Set(schema.columns.map(({ name }) => name));
  const kept = <T>(fields: readonly (readonly [string, T])[], held: (name: string) => boolean) =>
    fields.filter(([name]) => held(name));
  const isKept = (name: string) => names.has(name) || names.has(name.replace(/_+$/, ''));
  return rows
    .map(({ id, keyText, mongo, redis }) => ({
      keyText,
      bson: Buffer.from(BSON.serialize(new Map([['_id', id], ...kept(mongo, isKept)]))).toString('hex'),
      redis: Object.fromEntries(
        kept(redis, isKept).map(([name, value]) => [
          name,
          typeof value === 'string' ? value : { hex: value.toString('hex') },
        ]),
      ),
    }))
    .sort((a, b) => (a.keyText < b.keyText ? -1 : 1));
}
