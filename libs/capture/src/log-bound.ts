import { WAIT_STEP_SECONDS } from './capture-schema';

/** A look at the whole log that finds it (nearly) empty and takes longer walks over dead rows, milliseconds. */
const SLOW_MS = 8;
const QUICK_MS = 3;
/** So many in a row. */
const LOOKS = 3;
/** Few entries: what is measured is the way to them. */
const FEW = 50;
/** The whole log is looked at so often all the same, milliseconds: somebody's SET insert_id can choose any id. */
const WHOLE_EVERY_MS = 5_000;
/** Looks take no more than about this part of the time. */
const LOOK_SHARE = 0.1;
const LONGEST_STEP_SECONDS = 0.5;

/** What gives ids up to which all are final; see `RollingFloor`. */
export interface FinalIds {
  start(): Promise<void>;
  stop(): Promise<void>;
  floor(): bigint;
}

/** A look at the log: where it begins, and the floor as it was before. */
export interface Look {
  /** It leaves nothing out. */
  readonly whole: boolean;
  readonly above: bigint;
  readonly floor: bigint;
}

/**
 * From where the log need be read. As a rule from its beginning: an entry can commit late, with a small id (R2). While an
 * old read view keeps deleted entries from being purged, each look walks over all of them, a hundred times a second; then
 * ids up to a floor are left out, as soon as a look that began after the floor was known has found none of them: they are
 * final, and gone. No clock and no highest id read decides it.
 */
export class LogBound {
  #above = 0n;
  #wholeAt = -Infinity;
  #slow = 0;
  #quick = 0;
  #active = false;
  #wholeMs = 0;
  #lastMs = 0;

  constructor(
    private readonly final: FinalIds,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** How long the last look at the whole log took, milliseconds. */
  get wholeMs(): number {
    return this.#wholeMs;
  }

  /** Whether looks have become slow. */
  get slow(): boolean {
    return this.#active;
  }

  /** Ids up to this need not be waited for. */
  get above(): bigint {
    return this.#above;
  }

  /** How long to sleep between two looks while waiting, seconds. */
  get stepSeconds(): number {
    const step = this.#lastMs / 1000 / LOOK_SHARE;
    return Math.min(Math.max(step, WAIT_STEP_SECONDS), LONGEST_STEP_SECONDS);
  }

  next(): Look {
    const whole = this.now() - this.#wholeAt >= WHOLE_EVERY_MS;
    return { whole, above: whole ? 0n : this.#above, floor: this.#active ? this.final.floor() : 0n };
  }

  /** `lowest`: the first id that the look has found, `null` when none. */
  async looked({ whole, floor }: Look, lowest: bigint | null, entries: number, ms: number): Promise<void> {
    if (whole) {
      this.#wholeAt = this.now();
      // Ids have gone back below what is final: the floor is one of other ids.
      if (lowest !== null && lowest <= this.#above) this.#above = 0n;
    }
    if (floor > this.#above && (lowest === null || lowest > floor)) this.#above = floor;
    if (entries >= FEW) return;
    this.#lastMs = ms;
    if (whole || !this.#active) await this.#measured(ms);
  }

  async stop(): Promise<void> {
    this.#active = false;
    this.#above = 0n;
    await this.final.stop();
  }

  async #measured(ms: number): Promise<void> {
    this.#wholeMs = ms;
    this.#slow = ms >= SLOW_MS ? this.#slow + 1 : 0;
    this.#quick = ms < QUICK_MS ? this.#quick + 1 : 0;
    if (!this.#active && this.#slow >= LOOKS) {
      this.#slow = 0;
      // Without the right to see transactions (PROCESS) there is no floor: then looks are slow, and fewer.
      this.#active = await this.final.start().then(
        () => true,
        () => false,
      );
    } else if (this.#active && this.#quick >= LOOKS) await this.stop();
  }
}
