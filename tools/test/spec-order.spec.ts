import { readdirSync } from 'node:fs';
import { join } from 'node:path';

interface Spec {
  readonly path: string;
  readonly context: { readonly config: { readonly displayName: { readonly name: string } } };
}

const root = join(__dirname, '../..');
const SpecOrder = jest.requireActual<{
  new (): { sort(tests: readonly Spec[]): Spec[] };
  readonly endings: readonly string[];
}>('./spec-order.cjs');
const { endings } = SpecOrder;

describe('the order of spec files', () => {
  const specs = ['apps', 'libs', 'e2e'].flatMap((folder) =>
    (readdirSync(join(root, folder), { recursive: true }) as string[])
      .map((file) => join(folder, file))
      .filter((file) => /(\/test\/|^e2e\/).*\.spec\.ts$/.test(file) && !file.includes('node_modules')),
  );
  const of = (path: string, name = 'servers') => ({ path, context: { config: { displayName: { name } } } });

  it('every name is the end of one spec', () => {
    for (const ending of endings)
      expect([ending, specs.filter((path) => path.endsWith(ending)).length]).toEqual([ending, 1]);
  });

  it('has the busy ones first, two at a time, with others between them, and ends with the units', () => {
    const busy = ['e2e/secure.spec.ts', 'e2e/alerts.spec.ts', 'e2e/spark.spec.ts'].map((path) => of(path));
    const others = Array.from({ length: 20 }, (_, at) =>
      of(`/x/test/${String.fromCharCode(97 + at)}.spec.ts`),
    );
    const unit = of('/a/src/a.spec.ts', 'unit');
    const sorted = new SpecOrder().sort([unit, ...others, ...busy]);
    expect(sorted.slice(0, 2)).toEqual(busy.slice(0, 2));
    const third = sorted.indexOf(busy[2]!);
    expect(third).toBeGreaterThan(4);
    expect(third).toBeLessThan(12);
    expect([...sorted.slice(2, third), ...sorted.slice(third + 1)]).toEqual([...others, unit]);
  });
});
