import type { LoadControl } from '@tributary/contract';
import { SeededRandom } from '@tributary/testing';
import {
  applyCoalesced,
  SweepNotes,
  Sweeper,
  type RowChange,
  type TableControl,
  type TargetWriter,
} from '../src';
import type { Target } from './harness';
import { changesOf, version } from './rows';

const GROUP = 'sweeps';
const PARTITIONS = 3;
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
          const report = await sweeper.take(control(kind, log), partition, never);
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
        for (const partition of [0, 1]) await stopped.take(control(kind, 10), partition, never);
      await stopped.take(control('load', 10), 2, never);
      await expect(stopped.take(control('sweep', 10), 2, stop.signal)).rejects.toMatchObject({
        kind: 'retry',
      });
      const again = sweeperOf(await target.second());
      await again.take(control('sweep', 10), 2, never);
      expect(await versions([0, 1, 2, 600, 1_098, 1_099])).toEqual([
        ...[undefined, version(15), undefined, undefined, undefined, version(15)],
      ]);
      expect(await again.take(control('sweep', 10), 2, never)).toBeUndefined();
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

    it.each([1, 2])(
      'R4, R5, R6: loads, live changes, holes and repeats in any order end equal (seed %i)',
      async (seed) => {
        const random = new SeededRandom(seed * 7919);
        const history = new History(random, make, control);
        const writers = [target.writer, await target.second()];
        // Each partition is consumed in order, with steps back as after a crash, partitions in any interleaving.
        const offsets = new Array<number>(PARTITIONS).fill(0);
        const sweepers = writers.map((writer) => sweeperOf(writer));
        const consume = async (partition: number, until: number, by: number) => {
          const records = history.partitions[partition]!.slice(offsets[partition], until);
          const changes = records.flatMap((record) => ('control' in record ? [] : [record]));
          await applyCoalesced(writers[by]!, changes);
          for (const record of records) {
            const report = 'control' in record && (await sweepers[by]!.take(record, partition, never));
            if (report) await expectLoaded('control' in record ? record.control.floor : '');
          }
          offsets[partition] = until;
        };
        // A sweep that came too early would be mended by the rows behind it, so its own moment is what counts.
        const expectLoaded = async (floor: string) => {
          const rows = history.staying(floor);
          const held = await versions(rows.map(({ key }) => Number(key['id'])));
          rows.forEach(({ version: loaded }, at) => expect(held[at] && held[at]! >= loaded).toBe(true));
        };
        while (history.partitions.some((records, partition) => offsets[partition]! < records.length)) {
          const steps = [0, 1].map(async (by) => {
            const partition = (random.integer(0, PARTITIONS - 1) + by) % PARTITIONS;
            const end = history.partitions[partition]!.length;
            const until = Math.min(end, offsets[partition]! + random.integer(1, 6));
            if (random.chance(0.15))
              offsets[partition] = Math.max(0, offsets[partition]! - random.integer(0, 7));
            await consume(partition, until, by);
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

/** A source with captured changes, changes in a hole of capture, and loads; and the partitions that it makes. */
class History {
  readonly partitions: Entry[][] = Array.from({ length: PARTITIONS }, () => []);
  readonly source = new Set<number>();
  readonly keys = Array.from({ length: 24 }, (_, at) => at);
  readonly #loads = new Map<string, RowChange[]>();
  #log = 0;

  constructor(
    private readonly random: SeededRandom,
    private readonly make: ReturnType<typeof changesOf>,
    private readonly control: (kind: LoadControl['kind'], log: number) => TableControl,
  ) {
    for (let round = 0; round < 4; round += 1) {
      for (let step = 0; step < 20; step += 1) this.#live();
      // A hole: deletes that nobody captured.
      for (const id of [...this.source]) if (this.random.chance(0.4)) this.source.delete(id);
      this.#load();
    }
  }

  /** The rows of a load that no later record deletes. */
  staying(floor: string): RowChange[] {
    return this.#loads
      .get(floor)!
      .filter(
        (row) =>
          !this.#place(Number(row.key['id'])).some(
            (record) =>
              !('control' in record) &&
              record.keyText === row.keyText &&
              record.after === null &&
              record.version > row.version,
          ),
      );
  }

  #place(id: number): Entry[] {
    return this.partitions[id % PARTITIONS]!;
  }

  #live(): void {
    const id = this.random.pick(this.keys);
    this.#log += 1;
    if (this.source.has(id) && this.random.chance(0.4)) {
      this.source.delete(id);
      this.#place(id).push(this.make.remove(id, this.#log));
    } else {
      this.source.add(id);
      this.#place(id).push(this.make.put(id, this.#log));
    }
  }

  /** A load beside live changes: chunks carry the floor that was taken before they were read. */
  #load(): void {
    const marker = (this.#log += 1);
    const rows: RowChange[] = [];
    this.#loads.set(version(marker), rows);
    for (const records of this.partitions) records.push(this.control('load', marker));
    for (let from = 0; from < this.keys.length; from += 6) {
      const floor = (this.#log += 1);
      const chunk = this.keys.slice(from, from + 6).filter((id) => this.source.has(id));
      for (let step = 0; step < 4; step += 1) this.#live();
      for (const id of chunk) {
        const row = this.make.put(id, floor, {}, 'r');
        rows.push(row);
        this.#place(id).push(row);
      }
    }
    for (const records of this.partitions) records.push(this.control('sweep', marker));
  }
}
