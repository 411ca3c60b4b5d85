import type { LoadControl } from '@tributary/contract';
import { SeededRandom } from '@tributary/testing';
import {
  applyCoalesced,
  LateRows,
  SweepNotes,
  Sweeper,
  type Feed,
  type RowChange,
  type TableControl,
  type TargetWriter,
} from '../src';
import type { Target } from './harness';
import { changesOf, version } from './rows';

const GROUP = 'sweeps';
const PARTITIONS = 3;
/** The partition of a live topic. */
const live = (partition: number) => ({ feed: 'live' as const, partition });
const never = new AbortController().signal;

/** What every target promises of sweeps; run against each of them. */
export function sweeping(name: string, open: () => Promise<Target>): void {
  describe(`${name} is swept after a load`, () => {
    let target: Target;
    let make: ReturnType<typeof changesOf>;
    beforeEach(async () => {
      target = await open();
      make = changesOf(target.table);
    });
    afterEach(() => target.close());

    const sweeperOf = (writer: TargetWriter, refused: readonly RowChange[] | undefined = []) =>
      new Sweeper({
        notes: new SweepNotes(target.notes(GROUP)),
        writer,
        neighbour: () => undefined,
        shared: () => false,
        refusedSince: async () => refused,
        onProgress: () => undefined,
      });
    const control = (kind: LoadControl['kind'], log: number) => {
      const { schema, settings } = target.table;
      const of = { kind, table: settings.table, schema: schema.fingerprint, floor: version(log) };
      return { control: { ...of, job: '1', partitions: PARTITIONS }, settings, schema };
    };
    const load = async (sweeper: Sweeper, log: number) => {
      for (const kind of ['load', 'sweep'] as const)
        for (let partition = 0; partition < PARTITIONS; partition += 1) {
          const report = await sweeper.take(control(kind, log), live(partition), never);
          if (report) return report;
        }
      return undefined;
    };
    const versions = async (ids: readonly number[]) =>
      (await Promise.all(ids.map((id) => target.held(id)))).map((row) => row?.version);

    it('R5, R6: rows below the floor go and stay away, newer ones stay', async () => {
      await target.writer.apply([make.put(1, 5), make.put(2, 9), make.put(3, 11), make.put(4, 8)]);
      const sweeper = sweeperOf(target.writer, [make.put(4, 12)]);
      expect(await load(sweeper, 10)).toEqual({ table: target.table.settings.table, job: '1', removed: 2 });
      expect(await versions([1, 2, 3, 4])).toEqual([undefined, undefined, version(11), version(8)]);
      await target.writer.apply([make.put(1, 9), make.put(2, 10), make.put(4, 12)]);
      expect(await versions([1, 2, 3, 4])).toEqual([undefined, undefined, version(11), version(12)]);
      await target.writer.apply([make.put(1, 11)]);
      expect(await versions([1])).toEqual([version(11)]);
    });

    it('R5: many batches, resumed after it was stopped in the middle', async () => {
      const rows = Array.from({ length: 1_100 }, (_, at) => make.put(at, at % 2 === 0 ? 5 : 15));
      await target.writer.apply(rows);
      const stop = new AbortController();
      const stopped = new Sweeper({
        notes: new SweepNotes(target.notes(GROUP)),
        writer: target.writer,
        neighbour: () => undefined,
        shared: () => false,
        refusedSince: async () => [],
        onProgress: () => stop.abort(),
      });
      for (const kind of ['load', 'sweep'] as const)
        for (const partition of [0, 1]) await stopped.take(control(kind, 10), live(partition), never);
      await stopped.take(control('load', 10), live(2), never);
      await expect(stopped.take(control('sweep', 10), live(2), stop.signal)).rejects.toMatchObject({
        kind: 'retry',
      });
      const again = sweeperOf(await target.second());
      await again.take(control('sweep', 10), live(2), never);
      expect(await versions([0, 1, 2, 600, 1_098, 1_099])).toEqual([
        ...[undefined, version(15), undefined, undefined, undefined, version(15)],
      ]);
      expect(await again.take(control('sweep', 10), live(2), never)).toBeUndefined();
    });

    it('R11: leaves the rows where too many of the load are dead letters, and says so', async () => {
      await target.writer.apply([make.put(1, 5)]);
      const sweeper = new Sweeper({
        notes: new SweepNotes(target.notes(GROUP)),
        writer: target.writer,
        neighbour: () => undefined,
        shared: () => false,
        refusedSince: async () => undefined,
        onProgress: () => undefined,
      });
      expect(await load(sweeper, 10)).toMatchObject({
        removed: 0,
        refused: expect.stringMatching(/dead letters/),
      });
      expect(await versions([1])).toEqual([version(5)]);
    });

    it.each([1, 2, 3])(
      'R4, R5, R6: loads, live changes, holes and repeats in any order end equal (seed %i)',
      async (seed) => {
        const seeded = new SeededRandom(seed * 7919);
        const next = () => seeded.next();
        const history = new History(next, make, control);
        const writers = [target.writer, await target.second()];
        // Each partition is consumed in order, with steps back as after a crash, partitions in any interleaving.
        const offsets = new Array<number>(2 * PARTITIONS).fill(0);
        const sweepers = writers.map((writer) => sweeperOf(writer));
        const lateRows = writers.map((writer) => {
          const notes = new SweepNotes(target.notes(GROUP));
          return new LateRows({ notes, writer, refusedSince: async () => [] });
        });
        const consume = async (queue: number, until: number, by: number) => {
          const at = placeOf(queue);
          const records = history.queues[queue]!.slice(offsets[queue], until);
          const all = records.flatMap((record) => ('control' in record ? [] : [record]));
          // As SinkHandler does.
          const changes = at.feed === 'loads' ? (await lateRows[by]!.split(all)).current : all;
          await applyCoalesced(writers[by]!, changes);
          if (at.feed === 'loads') await lateRows[by]!.removeOvertaken(changes);
          for (const record of records) {
            const report = 'control' in record && (await sweepers[by]!.take(record, at, never));
            if (report) await expectLoaded('control' in record ? record.control.floor : '');
          }
          offsets[queue] = until;
        };
        // A sweep that came too early would be mended by the rows behind it, so its own moment is what counts.
        const expectLoaded = async (floor: string) => {
          const rows = history.staying(floor);
          const held = await versions(rows.map(({ key }) => Number(key['id'])));
          rows.forEach(({ version: loaded }, at) => expect(held[at] && held[at]! >= loaded).toBe(true));
        };
        while (history.queues.some((records, queue) => offsets[queue]! < records.length)) {
          // Those of loads stand behind, with the first seed so far that they come when all live ones are through.
          const feed = next() < (seed === 1 ? 0.02 : 0.4) ? PARTITIONS : 0;
          const first = Math.floor(next() * PARTITIONS);
          const steps = [0, 1].map(async (by) => {
            const queue = feed + ((first + by) % PARTITIONS);
            const end = history.queues[queue]!.length;
            const until = Math.min(end, offsets[queue]! + 1 + Math.floor(next() * 6));
            if (next() < 0.15) offsets[queue] = Math.max(0, offsets[queue]! - Math.floor(next() * 8));
            await consume(queue, until, by);
          });
          // Two partitions at the same time, unless both steps chose the same one.
          await steps[0];
          await steps[1];
        }
        const ids = [...history.keys];
        expect(
          Object.fromEntries((await versions(ids)).map((held, at) => [ids[at], held !== undefined])),
        ).toEqual(Object.fromEntries(ids.map((id) => [id, history.source.has(id)])));
      },
    );
  });
}

type Entry = RowChange | TableControl;

/** The partitions of the live topic come first, then those of the topic of loads. */
const placeOf = (queue: number) => ({
  feed: (queue < PARTITIONS ? 'live' : 'loads') as Feed,
  partition: queue % PARTITIONS,
});

/**
 * A source with captured changes, changes in a hole of capture, and loads, on the live topic or on that of loads; and the
 * partitions that it makes of both. The last load is a live one, which loads that come later must leave as it is.
 */
class History {
  readonly queues: Entry[][] = Array.from({ length: 2 * PARTITIONS }, () => []);
  readonly source = new Set<number>();
  readonly keys = Array.from({ length: 36 }, (_, at) => at);
  readonly #loads = new Map<string, RowChange[]>();
  #log = 0;

  constructor(
    private readonly next: () => number,
    private readonly make: ReturnType<typeof changesOf>,
    private readonly control: (kind: LoadControl['kind'], log: number) => TableControl,
  ) {
    for (let round = 0; round < 4; round += 1) {
      for (let step = 0; step < 20; step += 1) this.#live();
      // A hole: deletes and inserts that nobody captured.
      for (const id of this.keys)
        if (this.next() < 0.4) {
          if (this.source.has(id)) this.source.delete(id);
          else this.source.add(id);
        }
      this.#load(round < 3 && this.next() < 0.6 ? 'loads' : 'live');
    }
  }

  /** The rows of a load that no later record deletes. */
  staying(floor: string): RowChange[] {
    return this.#loads
      .get(floor)!
      .filter(
        (row) =>
          !this.#place(Number(row.key['id']), 'live').some(
            (record) =>
              !('control' in record) &&
              record.keyText === row.keyText &&
              record.after === null &&
              record.version > row.version,
          ),
      );
  }

  #place(id: number, feed: Feed): Entry[] {
    return this.#of(feed)[id % PARTITIONS]!;
  }

  #of(feed: Feed): Entry[][] {
    return this.queues.filter((_, queue) => placeOf(queue).feed === feed);
  }

  #live(): void {
    // Of some rows the targets hear by loads alone.
    const id = Math.floor(this.next() * 20);
    this.#log += 1;
    if (this.source.has(id) && this.next() < 0.4) {
      this.source.delete(id);
      this.#place(id, 'live').push(this.make.remove(id, this.#log));
    } else {
      this.source.add(id);
      this.#place(id, 'live').push(this.make.put(id, this.#log));
    }
  }

  /** A load beside live changes: chunks carry the floor that was taken before they were read. */
  #load(feed: Feed): void {
    const marker = (this.#log += 1);
    const rows: RowChange[] = [];
    this.#loads.set(version(marker), rows);
    for (const records of this.#of(feed)) records.push(this.control('load', marker));
    for (let from = 0; from < this.keys.length; from += 6) {
      const floor = (this.#log += 1);
      const chunk = this.keys.slice(from, from + 6).filter((id) => this.source.has(id));
      for (let step = 0; step < 4; step += 1) this.#live();
      for (const id of chunk) {
        const row = this.make.put(id, floor, {}, 'r');
        rows.push(row);
        this.#place(id, feed).push(row);
      }
    }
    for (const records of this.#of(feed)) records.push(this.control('sweep', marker));
  }
}
