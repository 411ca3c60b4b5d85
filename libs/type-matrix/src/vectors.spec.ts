import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WireRow } from '@tributary/contract';
import { vectorFolder } from './vector-files';
import { targetsOf, type VectorFile } from './vectors';

const root = join(__dirname, '..', '..', '..', vectorFolder);
const files = ['mysql', 'mariadb'].flatMap((server) =>
  readdirSync(join(root, server)).map((name) => join(server, name)),
);

describe('the committed vectors', () => {
  it.each(files)('R9: %s: what the targets hold', (file) => {
    const { tables } = JSON.parse(readFileSync(join(root, file), 'utf8')) as VectorFile;
    for (const { schema, rows } of tables)
      for (const row of rows)
        expect({ ...row, ...targetsOf(schema, JSON.parse(row.after) as WireRow) }).toEqual(row);
  });
});
