import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { syncFile } from './schema';

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
}

/** Every option by its path, `tables[].mongo.id`. */
function options({ properties, items }: JsonSchema, path: string): string[] {
  if (items?.properties) return options(items, `${path}[]`);
  if (!properties) return [path];
  return Object.entries(properties).flatMap(([name, of]) => options(of, path ? `${path}.${name}` : name));
}

describe('docs/reference/sync-file.md', () => {
  it('lists the options of the sync file, and no other', () => {
    const page = readFileSync(join(__dirname, '../../../docs/reference/sync-file.md'), 'utf8');
    const listed = [...page.matchAll(/^\| `([\w.[\]]+)`/gm)].map(([, option]) => option);
    expect(listed.sort()).toEqual(options(z.toJSONSchema(syncFile) as JsonSchema, '').sort());
  });
});
