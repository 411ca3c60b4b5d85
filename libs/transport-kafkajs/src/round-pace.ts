import type { RoundTime, WorkAhead } from '@tributary/transport';

const FIRST_RECORDS = 200;
const LEAST_RECORDS = 100;

/** How many records a round may have that is to keep to a time: by how long those before it took. */
export class RoundPace {
  #records: number;

  constructor(
    private readonly most: number,
    /** `undefined`: as long as it takes. */
    private readonly target?: RoundTime,
  ) {
    this.#records = target ? Math.min(most, FIRST_RECORDS) : most;
  }

  get records(): number {
    return this.#records;
  }

  /** A slow round counts at once, a fast one when it was full, and then for twice as many at most. */
  took(records: number, { busyMs, wholeMs }: RoundTime): void {
    const { target, most } = this;
    if (!target || records === 0) return;
    const over = Math.max(busyMs / target.busyMs, wholeMs / target.wholeMs, 0.01);
    const fit = Math.floor(records / over);
    if (over > 1) this.#records = Math.max(Math.min(LEAST_RECORDS, most), Math.min(fit, this.#records));
    else if (records * 2 > this.#records)
      this.#records = Math.min(most, this.#records * 2, Math.max(fit, this.#records));
  }
}

/** Others that have had work so lately are expected to have some again. */
const QUIET_MS = 2000;

/** The pace of who stands behind others: slower while they have had work lately. */
export class PaceBehind {
  readonly #beside: RoundPace;
  readonly #alone: RoundPace;

  constructor(
    most: number,
    { beside, alone }: { readonly beside: RoundTime; readonly alone: RoundTime },
    private readonly ahead: Pick<WorkAhead, 'quietMs'>,
  ) {
    this.#beside = new RoundPace(most, beside);
    this.#alone = new RoundPace(most, alone);
  }

  get records(): number {
    return (this.ahead.quietMs < QUIET_MS ? this.#beside : this.#alone).records;
  }

  took(records: number, time: RoundTime): void {
    this.#beside.took(records, time);
    this.#alone.took(records, time);
  }
}
