import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { lanes, second } from './lanes';

describe('lanes', () => {
  const root = join(__dirname, '../..');
  const specs = (readdirSync(join(root, 'e2e'), { recursive: true }) as string[])
    .filter((file) => file.endsWith('.spec.ts'))
    .map((file) => join(root, 'e2e', file));

  it('every name of the second lane is a spec, and no other spec is in it', () => {
    const chosen = specs.filter((file) => new RegExp(lanes.second[1]).test(file));
    expect(chosen.sort()).toEqual(second.map((name) => join(root, 'e2e', `${name}.spec.ts`)).sort());
  });

  it('the first lane leaves out what the second has, and nothing else', () => {
    const [, left] = lanes.first;
    expect(left).toBe(lanes.second[1]);
    expect(specs.some((file) => !new RegExp(left).test(file))).toBe(true);
  });
});
