import type { Target } from './harness';
import { changesOf, version } from './rows';

/** What every target makes of versions that are not of the form in which sinks write them: they are none. */
export function misshapenVersions(name: string, open: () => Promise<Target>): void {
  describe(`${name} and versions of another form`, () => {
    let target: Target;
    let make: ReturnType<typeof changesOf>;
    beforeAll(async () => {
      target = await open();
      make = changesOf(target.table);
    });
    afterAll(() => target.close());

    const ids = () => target.misshapen.map((_version, at) => at + 1);
    const misshapeRows = () => Promise.all(ids().map((id) => target.misshape(id, target.misshapen[id - 1])));
    const refOf = (id: number) => {
      const { schema, settings } = target.table;
      return { schema, table: settings, key: { id }, keyText: String(id) };
    };

    it.each(['u', 'r'] as const)(
      'R4: a row with such a version takes any versioned change (op %s)',
      async (op) => {
        await misshapeRows();
        const outcomes = await target.writer.apply(ids().map((id) => make.put(id, 1, {}, op)));
        expect(outcomes).toEqual(ids().map(() => ({ kind: 'applied' })));
        const held = await Promise.all(ids().map((id) => target.held(id)));
        expect(held).toEqual(ids().map(() => ({ version: version(1), name: 'n1', qty: 1 })));
      },
    );

    it('R4: and goes with any delete, which stays', async () => {
      await misshapeRows();
      const outcomes = await target.writer.apply(ids().map((id) => make.remove(id, 3)));
      expect(outcomes).toEqual(ids().map(() => ({ kind: 'applied' })));
      expect(await Promise.all(ids().map((id) => target.occupied(id)))).toEqual(ids().map(() => false));
      const older = await target.writer.apply(ids().map((id) => make.put(id, 2)));
      expect(older).toEqual(ids().map(() => ({ kind: 'stale' })));
    });

    it('R4, R6: such a tombstone holds up no row, and a delete replaces it', async () => {
      const texts = target.misshapen.filter((one) => typeof one !== 'object' || one === null);
      const versions = [...texts, 1, 9.3e18].filter((one) => one !== undefined);
      const put = versions.map((_version, at) => 100 + at);
      const removed = versions.map((_version, at) => 200 + at);
      for (const [at, one] of versions.entries()) {
        await target.misshapeTombstone(put[at]!, one);
        await target.misshapeTombstone(removed[at]!, one);
      }
      expect(await target.writer.apply(put.map((id) => make.put(id, 1)))).toEqual(
        put.map(() => ({ kind: 'applied' })),
      );
      expect(await Promise.all(put.map((id) => target.occupied(id)))).toEqual(put.map(() => true));
      await target.writer.apply(removed.map((id) => make.remove(id, 5)));
      const late = await target.writer.apply(removed.map((id) => make.put(id, 4)));
      expect(late).toEqual(removed.map(() => ({ kind: 'stale' })));
      expect(await Promise.all(removed.map((id) => target.occupied(id)))).toEqual(removed.map(() => false));
    });

    it('R5: a sweep leaves such rows alone, and takes the old ones beside them', async () => {
      await target.wipe('none');
      await misshapeRows();
      await target.writer.apply([make.put(1000, 1), make.put(1001, 9)]);
      const { settings, schema } = target.table;
      let removed = 0;
      for await (const count of target.writer.sweep({
        ...{ table: settings, schema, floor: version(5) },
        spared: async () => new Set<string>(),
      }))
        removed += count;
      expect(removed).toBe(1);
      expect(await Promise.all([...ids(), 1000, 1001].map((id) => target.occupied(id)))).toEqual([
        ...ids().map(() => true),
        ...[false, true],
      ]);
    });

    it('R4: such a row has no version that anybody is told', async () => {
      await target.wipe('none');
      await misshapeRows();
      expect(await target.versionReader.versions(ids().map(refOf))).toEqual(ids().map(() => undefined));
      for (const id of ids()) await target.misshapeTombstone(id, 'abc');
      expect(await target.versionReader.versions(ids().map(refOf))).toEqual(ids().map(() => undefined));
    });
  });
}
