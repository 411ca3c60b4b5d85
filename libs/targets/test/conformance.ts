import { SyncError } from '@tributary/kernel';
import { SeededRandom } from '@tributary/testing';
import { applyCoalesced } from '../src';
import type { Outcome, RowChange } from '../src';
import type { Target } from './harness';
import { changesOf, version } from './rows';

const kinds = (outcomes: readonly Outcome[]) => outcomes.map(({ kind }) => kind);

/** What every target promises; run against each of them. */
export function conformance(name: string, open: () => Promise<Target>): void {
  describe(`${name} keeps the promises of a target`, () => {
    let target: Target;
    let make: ReturnType<typeof changesOf>;
    beforeAll(async () => {
      target = await open();
      make = changesOf(target.table);
    });
    afterAll(() => target.close());

    it('R4: a stale version never wins', async () => {
      expect(kinds(await target.writer.apply([make.put(1, 5)]))).toEqual(['applied']);
      expect(kinds(await target.writer.apply([make.put(1, 4)]))).toEqual(['stale']);
      expect(kinds(await target.writer.apply([make.put(1, 5, { name: 'other' })]))).toEqual(['stale']);
      expect(await target.held(1)).toEqual({ version: version(5), name: 'n5', qty: 5 });
      expect(kinds(await target.writer.apply([make.put(1, 6, { name: null })]))).toEqual(['applied']);
      expect(await target.held(1)).toEqual({ version: version(6), name: null, qty: 6 });
    });

    it('R4: versions compare as numbers across epochs and lengths', async () => {
      const later = { ...make.put(2, 1), version: version(1, 9222) };
      await target.writer.apply([make.put(2, 999_999_999_999_999)]);
      expect(kinds(await target.writer.apply([later]))).toEqual(['applied']);
      expect((await target.held(2))?.version).toBe(version(1, 9222));
    });

    it.each([1, 2, 3])(
      'R4: any order, grouping and repetition of changes ends the same (seed %i)',
      async (seed) => {
        const random = new SeededRandom(seed);
        const second = await target.second();
        const changes: RowChange[] = [];
        for (let key = 0; key < 25; key += 1)
          for (let log = 1; log <= 6; log += 1) {
            const id = seed * 1000 + key;
            const change = random.chance(0.3)
              ? make.remove(id, log)
              : make.put(id, log, {}, random.chance(0.3) ? 'r' : 'u');
            changes.push(change);
            if (random.chance(0.3)) changes.push(change);
          }
        const queues = [random.shuffled(changes), random.shuffled(changes)];
        await Promise.all(
          queues.map(async (queue, at) => {
            const writer = at === 0 ? target.writer : second;
            while (queue.length > 0) await applyCoalesced(writer, queue.splice(0, random.integer(1, 20)));
          }),
        );
        for (let key = 0; key < 25; key += 1) {
          const last = changes.filter((change) => change.key['id'] === seed * 1000 + key).at(-1)!;
          const held = await target.held(seed * 1000 + key);
          expect(held?.version).toBe(last.after ? last.version : undefined);
          expect(held?.name).toBe(last.after?.['name']);
        }
      },
    );

    it('R6: a deleted row stays deleted, whatever older change comes later', async () => {
      await target.writer.apply([make.put(10, 3)]);
      expect(kinds(await target.writer.apply([make.remove(10, 9)]))).toEqual(['applied']);
      expect(await target.held(10)).toBeUndefined();
      for (const change of [make.put(10, 5), make.put(10, 5), make.put(10, 8, {}, 'r'), make.put(10, 9)])
        expect(kinds(await target.writer.apply([change]))).toEqual(['stale']);
      expect(await target.held(10)).toBeUndefined();
      expect(kinds(await target.writer.apply([make.put(10, 10)]))).toEqual(['applied']);
      expect((await target.held(10))?.version).toBe(version(10));
      expect(kinds(await target.writer.apply([make.remove(10, 9)]))).toEqual(['stale']);
      expect((await target.held(10))?.version).toBe(version(10));
    });

    it('R6: deletes a row that it never had, and remembers', async () => {
      expect(kinds(await target.writer.apply([make.remove(11, 5)]))).toEqual(['applied']);
      expect(kinds(await target.writer.apply([make.put(11, 4), make.put(12, 4)]))).toEqual([
        'stale',
        'applied',
      ]);
      expect(await target.held(11)).toBeUndefined();
      expect(await target.held(12)).toBeDefined();
    });

    it('R7: a key change moves the row, in either order of its two halves', async () => {
      await target.writer.apply([make.put(20, 1), make.put(22, 1)]);
      await target.writer.apply([make.remove(20, 2), make.put(21, 3)]);
      await target.writer.apply([make.put(23, 3), make.remove(22, 2)]);
      const held = await Promise.all([20, 21, 22, 23].map((id) => target.held(id)));
      expect(held.map((item) => item?.version)).toEqual([undefined, version(3), undefined, version(3)]);
    });

    it('R11: one bad row among 500 is rejected alone, and its later good version applies', async () => {
      await target.refuse(250);
      const rows = Array.from({ length: 500 }, (_, at) => make.put(at + 30, 1));
      const outcomes = await target.writer.apply(rows);
      expect(kinds(outcomes)).toEqual(rows.map(({ key }) => (key['id'] === 250 ? 'rejected' : 'applied')));
      expect(outcomes[220]).toMatchObject({ rejection: { code: 'TARGET_REJECTED' } });
      expect(await target.held(529)).toBeDefined();
      await target.admit(250);
      expect(kinds(await target.writer.apply([make.put(250, 2)]))).toEqual(['applied']);
      expect((await target.held(250))?.version).toBe(version(2));
    });

    it('R11: a row that cannot be mapped is rejected alone', async () => {
      const bad = { ...make.put(601, 1), after: { id: 601, name: 'x' } };
      const outcomes = await target.writer.apply([make.put(600, 1), bad, make.put(602, 1)]);
      expect(kinds(outcomes)).toEqual(['applied', 'rejected', 'applied']);
      expect(outcomes[1]).toMatchObject({
        rejection: { code: 'UNMAPPABLE', reason: expect.stringContaining('qty') },
      });
    });

    it('R11: when the newest version of a row is refused, the newest good one is applied', async () => {
      const bad = { ...make.put(610, 3), after: { id: 610 } };
      const outcomes = await applyCoalesced(target.writer, [make.put(610, 1), bad, make.put(610, 2)]);
      expect(kinds(outcomes)).toEqual(['stale', 'rejected', 'applied']);
      expect((await target.held(610))?.version).toBe(version(2));
    });

    it('R12: notes how far it was fed, and tells when that note is gone', async () => {
      const store = target.positions('group-a');
      expect(await store.read([0, 1])).toEqual(new Map());
      const advance = (...moves: (readonly [number, bigint | null, bigint])[]) =>
        store.advance(moves.map(([partition, expected, next]) => ({ partition, expected, next })));
      expect(await advance([0, null, 10n])).toEqual(new Map());
      expect(await advance([0, 10n, 2n ** 52n])).toEqual(new Map());
      expect(await advance([0, 10n, 20n])).toEqual(new Map());
      expect(await store.read([0, 1])).toEqual(new Map([[0, 2n ** 52n]]));
      await store.put(0, 15n);
      expect(await advance([0, 20n, 30n], [1, null, 7n], [2, 5n, 6n])).toEqual(
        new Map([
          [0, 15n],
          [2, null],
        ]),
      );
      expect(await store.read([0, 1, 2])).toEqual(
        new Map([
          [0, 15n],
          [1, 7n],
        ]),
      );
      await target.wipe('group-a');
      expect(await advance([0, 15n, 30n])).toEqual(new Map([[0, null]]));
    });
  });
}

/** Transient trouble: the target behind a proxy that cuts the line. */
export async function expectRetry(work: Promise<unknown>): Promise<void> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(SyncError);
  expect((error as SyncError).kind).toBe('retry');
}
