import { hash } from 'node:crypto';
import type { ExpectedEntry } from '@tributary/targets';
import { bucketOf, BUCKETS } from './bucket';
import { bucketSet, type BucketSet } from './bucket-set';
import { BucketSums } from './bucket-sums';
import type { ScanResult, ScanTask, ToldEntry } from './scan-task';

/** Buckets, and entries, of one line. */
const LINE_BUCKETS = 4_096;
const LINE_ENTRIES = 500;
/** Hexadecimal digits of 128 bits, which tell two digests apart. */
const TOLD = 32;

type Told = Pick<ScanResult, 'at' | 'side' | 'target' | 'list'>;

/** From this share of the buckets on, reading everything costs less than looking for what is wanted. */
const FEW = 0.05;

/** What becomes of the entries of a task: lines of results. */
export interface ScanOutlet {
  /** Tells the names that are wanted, where these are few; the content of others need not be read. */
  readonly wanted?: (name: string) => boolean;
  add(target: string, entry: ExpectedEntry, ref: () => string): void;
  /** Lines that are complete. */
  lines(): Iterable<ScanResult>;
  /** The rest. */
  end(): Iterable<ScanResult>;
}

export function scanOutlet({ at, buckets }: ScanTask, side: Told['side']): ScanOutlet {
  return buckets === undefined ? new SumsOutlet(at, side) : new EntriesOutlet(at, side, bucketSet(buckets));
}

/** Something for each list of each target. */
class ByList<T> {
  readonly #byTarget = new Map<string, T[]>();

  constructor(private readonly make: () => T) {}

  of(target: string, list: number): T {
    let lists = this.#byTarget.get(target);
    if (!lists) this.#byTarget.set(target, (lists = []));
    return (lists[list] ??= this.make());
  }

  *all(): Generator<readonly [string, number, T]> {
    for (const [target, lists] of this.#byTarget)
      for (const [list, one] of lists.entries()) if (one !== undefined) yield [target, list, one];
  }
}

/** Adds up all entries: the worker tells some bytes a bucket, however many rows its range has. */
class SumsOutlet implements ScanOutlet {
  readonly #sums = new ByList(() => new BucketSums());

  constructor(
    private readonly at: number,
    private readonly side: Told['side'],
  ) {}

  add(target: string, { list, name, digest }: ExpectedEntry): void {
    this.#sums.of(target, list).add(bucketOf(name), digest);
  }

  lines(): ScanResult[] {
    return [];
  }

  *end(): Generator<ScanResult> {
    const { at, side } = this;
    for (const [target, list, sums] of this.#sums.all())
      for (const portion of sums.portions(LINE_BUCKETS)) yield { at, side, target, list, sums: portion };
  }
}

/** Tells the entries of some buckets. */
class EntriesOutlet implements ScanOutlet {
  readonly #told = new ByList<ToldEntry[]>(() => []);
  readonly wanted?: ScanOutlet['wanted'];

  constructor(
    private readonly at: number,
    private readonly side: Told['side'],
    private readonly buckets: BucketSet,
  ) {
    if (buckets.size < FEW * BUCKETS) this.wanted = (name) => buckets.has(bucketOf(name));
  }

  add(target: string, { list, name, digest }: ExpectedEntry, ref: () => string): void {
    if (!this.buckets.has(bucketOf(name))) return;
    const nameDigest = hash('sha256', name, 'hex').slice(0, TOLD);
    this.#told.of(target, list).push([nameDigest, digest.toString('hex').slice(0, TOLD), ref()]);
  }

  lines(): Generator<ScanResult> {
    return this.#lines(LINE_ENTRIES);
  }

  end(): Generator<ScanResult> {
    return this.#lines(1);
  }

  *#lines(atLeast: number): Generator<ScanResult> {
    const { at, side } = this;
    for (const [target, list, entries] of this.#told.all())
      if (entries.length >= atLeast) yield { at, side, target, list, entries: entries.splice(0) };
  }
}
