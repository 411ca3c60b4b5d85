import { parseSyncConfig } from '@tributary/sync-config';
import { standing, takeOver, type PlaceOwner, type PlaceStore, type TargetPlugin } from '../src';
import { withOwner } from '../src/places/standing';
import type { Target } from './harness';

const owner = (pipeline: string, epoch = 1): PlaceOwner => ({
  ...{ pipeline, name: `name-${pipeline}`, tables: ['d.t'], incarnation: `log-${pipeline}`, epoch },
  ...{ shared: false, since: '2026-11-28T00:00:00Z' },
});

/** What every target promises of the records of its places. */
export function ownedPlaces(
  name: string,
  target: Pick<TargetPlugin, 'name' | 'place' | 'spec'>,
  open: () => Promise<Target>,
): void {
  describe(`${name} keeps who owns its places`, () => {
    let at: Target;
    let store: PlaceStore;
    beforeEach(async () => {
      at = await open();
      store = at.places();
    });
    afterEach(() => at.close());
    const tableOf = (yaml = '') => {
      const { table } = at.table.settings;
      return parseSyncConfig(`tables:\n  - table: ${table}\n${yaml}`, undefined, [target.spec]).table(table)!;
    };

    it('R4: of two pipelines that claim a place at once, one gets it', async () => {
      const place = target.place(tableOf());
      const claims = await Promise.all(
        ['a', 'b', 'c', 'd'].map(async (pipeline) => {
          const own = at.places();
          const { records, mark } = await own.near(place);
          return () => own.write(place, [withOwner(place, records, owner(pipeline))], mark);
        }),
      );
      // All have seen the place free before one of them writes.
      const won = await Promise.all(claims.map((claim) => claim()));
      expect(won.filter(Boolean)).toHaveLength(1);
      const { records, mark } = await store.near(place);
      expect(records.map(({ owners }) => owners)).toEqual([[owner('abcd'[won.indexOf(true)]!)]]);
      expect(await store.write(place, [withOwner(place, records, owner('x'))], null)).toBe(false);
      expect(await store.write(place, [{ id: place.id, keys: [], owners: [] }], mark)).toBe(true);
      expect((await store.near(place)).records).toEqual([]);
    });

    it('R4: a place that is taken over keeps the epoch of what it holds, and the change log of it', async () => {
      const settings = tableOf();
      const place = target.place(settings);
      const { records, mark } = await store.near(place);
      await store.write(place, [withOwner(place, records, owner('a', 7))], mark);
      const asker = { pipeline: 'b', name: 'name-b' };
      expect(standing(place, false, (await store.near(place)).records, asker).kind).toBe('foreign');
      const taken = await takeOver(at.places(), target, settings, asker);
      expect(taken).toMatchObject({ epoch: 7, from: [{ name: 'name-a' }] });
      expect(standing(place, false, (await store.near(place)).records, asker)).toMatchObject({
        ...{ kind: 'ours', owner: { pipeline: 'b', incarnation: 'log-a', epoch: 7, taken: true } },
      });
      expect(await takeOver(at.places(), target, settings, asker)).toBeUndefined();
      const all = await store.all([place.database]);
      expect(all.filter(({ id }) => id === place.id)).toHaveLength(1);
    });
  });
}
