import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { columnKinds } from './column';
import { imagesCrc, valueCrc } from './crc';
import { keyColumns, rowSchema, type RowSchema } from './row-schema';
import { rowKeyText } from './text-value';
import { rowCodec, type Cell } from './wire-encoder';

interface Vectors {
  readonly tables: readonly {
    readonly schema: RowSchema;
    readonly rows: readonly {
      readonly cells: readonly Cell[];
      readonly key: string;
      readonly after: string;
      readonly crc: string;
      readonly keyText: string;
    }[];
  }[];
}

const folder = join(__dirname, '..', 'vectors');
const files = ['mysql', 'mariadb'].flatMap((server) =>
  readdirSync(join(folder, server)).map((name) => join(server, name)),
);
const tables = files.flatMap(
  (file) => (JSON.parse(readFileSync(join(folder, file), 'utf8')) as Vectors).tables,
);

describe('the committed vectors', () => {
  it('hold every kind of column', () => {
    const kinds = new Set(tables.flatMap(({ schema }) => schema.columns.map(({ kind }) => kind)));
    expect([...kinds].sort()).toEqual([...columnKinds].sort());
  });

  it.each(tables)('R9: $schema.table: wire texts, checksums and key texts', ({ schema, rows }) => {
    expect(rowSchema(schema).fingerprint).toBe(schema.fingerprint);
    const codec = rowCodec(schema);
    const key = keyColumns(schema);
    for (const row of rows) {
      const made = {
        ...row,
        key: codec.key(key.map((column) => row.cells[schema.columns.indexOf(column)]!)),
        after: codec.row(row.cells),
        crc: imagesCrc('null', row.after),
        keyText: rowKeyText(key, JSON.parse(row.key) as Record<string, string>),
      };
      expect(made).toEqual(row);
      expect(valueCrc(`{"before":null,"after":${row.after},"op":"c"}`)).toBe(row.crc);
    }
  });
});
