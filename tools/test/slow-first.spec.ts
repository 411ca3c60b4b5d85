import { readdirSync } from 'node:fs';
import { join } from 'node:path';

interface Spec {
  readonly path: string;
  readonly context: { readonly config: { readonly displayName: { readonly name: string } } };
}

const root = join(__dirname, '../..');
const SlowFirst = jest.requireActual<{
  new (): { sort(tests: readonly Spec[]): Spec[] };
  readonly slowest: readonly string[];
}>('./slow-first.cjs');
const { slowest } = SlowFirst;

describe('the order of spec files', () => {
  const specs = ['apps', 'libs', 'e2e'].flatMap((folder) =>
    (readdirSync(join(root, folder), { recursive: true }) as string[])
      .map((file) => join(folder, file))
      .filter((file) => /(\/test\/|^e2e\/).*\.spec\.ts$/.test(file) && !file.includes('node_modules')),
  );
  const of = (path: string, name = 'servers') => ({ path, context: { config: { displayName: { name } } } });

  it('every name is the end of one spec', () => {
    for (const ending of slowest)
      expect([ending, specs.filter((path) => path.endsWith(ending)).length]).toEqual([ending, 1]);
  });

  it('begins with the slowest, and ends with the units', () => {
    const unit = of('/a/src/a.spec.ts', 'unit');
    const [first, second] = slowest.map((ending) => of(join('/x', ending)));
    expect(new SlowFirst().sort([unit, of('/x/test/b.spec.ts'), second!, first!])).toEqual([
      first,
      second,
      of('/x/test/b.spec.ts'),
      unit,
    ]);
  });
});
