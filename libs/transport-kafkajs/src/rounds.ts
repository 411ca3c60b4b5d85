import { freeLarge, pause, SyncError, transient } from '@tributary/kernel';
import {
  byteLength,
  type HandleRound,
  type Outcome,
  type RecordBatch,
  type Round,
  type WorkAhead,
} from '@tributary/transport';
import type { RoundPace } from './round-pace';

export interface RoundsOptions {
  readonly handle: HandleRound;
  /** Bounds of a round; a batch beyond them is a round of its own. Bytes are those of the values. */
  readonly pace: Pick<RoundPace, 'records' | 'took'>;
  readonly maxBytes: number;
  /** Rounds at a time, the second and further ones only when they are full. */
  readonly atOnce: number;
  /** Rounds that are not full begin at least so many ms apart: what comes meanwhile is one round. */
  readonly everyMs: number;
  /** No round begins while there is any. */
  readonly behind?: WorkAhead;
  /** Told again and again while that is so. */
  readonly onHeld?: () => void;
  /** Aborts when the process can wait no longer for handlers. */
  readonly giveUp: AbortSignal;
}

/** While rounds are held, it is looked so often whether what waits for them is still ours. */
const HELD_LOOK_MS = 100;

/** A batch on its way into a round. */
export interface Offer {
  readonly batch: RecordBatch;
  /** It failed before: it gets a round of its own, so that it spoils no other. */
  readonly alone: boolean;
  /** Asked when the round begins: the partition may have been taken away, or gone back on, since it was offered. */
  readonly isOurs: () => boolean;
  /** For the handler: aborts when it is known that the work is no longer ours. */
  readonly signal: AbortSignal;
}

interface Waiting extends Offer {
  readonly bytes: number;
  readonly settle: (outcome: Outcome) => void;
}

/**
 * Gathers batches of many partitions into rounds, which grow with the load by themselves: what is offered while a round
 * is worked on makes up the next. Whoever offers batches of one partition one after the other keeps their order.
 */
export class Rounds {
  readonly #options: RoundsOptions;
  #waiting: Waiting[] = [];
  #running = 0;
  #turn: NodeJS.Immediate | undefined;
  #heldTimer: NodeJS.Timeout | undefined;
  #asked = false;

  constructor(options: RoundsOptions) {
    this.#options = options;
  }

  /** Resolves when the round that takes the batch is over; never rejects. */
  offer(offer: Offer): Promise<Outcome> {
    const bytes = offer.batch.records.reduce((sum, { value }) => sum + byteLength(value), 0);
    return new Promise((settle) => {
      this.#waiting.push({ ...offer, bytes, settle });
      this.#soon();
    });
  }

  /** After all that is offered in this turn of the event loop. */
  #soon(): void {
    this.#turn ??= setImmediate(() => {
      this.#turn = undefined;
      this.#begin();
    });
  }

  #begin(): void {
    const { atOnce, behind } = this.#options;
    const offered = this.#waiting;
    this.#waiting = [];
    const held = behind?.isThere === true;
    for (const one of offered)
      if (!one.isOurs()) one.settle(dropped);
      else if (one.alone && !held) void this.#work([one]);
      else this.#waiting.push(one);
    if (held) return this.#hold();
    while (this.#waiting.length > 0 && this.#running < atOnce) {
      const { round, full } = this.#next();
      if (this.#running > 0 && !full) return;
      this.#waiting = this.#waiting.filter((one) => !round.includes(one));
      void this.#round(round, full);
    }
  }

  /** Until those who come first have nothing to do. */
  #hold(): void {
    if (this.#heldTimer || this.#waiting.length === 0) return;
    const { behind, onHeld } = this.#options;
    const again = () => {
      clearTimeout(this.#heldTimer);
      this.#heldTimer = undefined;
      this.#soon();
    };
    this.#heldTimer = setTimeout(again, HELD_LOOK_MS).unref();
    onHeld?.();
    if (this.#asked) return;
    this.#asked = true;
    behind!.onEnd(() => {
      this.#asked = false;
      again();
    });
  }

  /** The oldest that fit into one round. */
  #next(): { round: Waiting[]; full: boolean } {
    const { maxBytes, pace } = this.#options;
    const maxRecords = pace.records;
    const { topic } = this.#waiting[0]!.batch;
    const round: Waiting[] = [];
    let [records, bytes] = [0, 0];
    for (const one of this.#waiting) {
      if (one.batch.topic !== topic) continue;
      records += one.batch.records.length;
      bytes += one.bytes;
      if (round.length > 0 && (records > maxRecords || bytes > maxBytes)) return { round, full: true };
      round.push(one);
    }
    return { round, full: records >= maxRecords || bytes >= maxBytes };
  }

  async #round(round: readonly Waiting[], full: boolean): Promise<void> {
    const { everyMs, giveUp, pace } = this.#options;
    const begun = performance.now();
    const before = process.cpuUsage();
    this.#running += 1;
    await this.#work(round, async () => {
      const tookMs = performance.now() - begun;
      const cpu = process.cpuUsage(before);
      pace.took(
        round.reduce((sum, { batch }) => sum + batch.records.length, 0),
        { busyMs: (cpu.user + cpu.system) / 1000, wholeMs: tookMs },
      );
      const rest = everyMs - tookMs;
      if (!full && rest > 0) await pause(rest, giveUp);
    });
    this.#running -= 1;
    if (this.#waiting.length > 0) this.#soon();
  }

  async #work(round: readonly Waiting[], rest?: () => Promise<void>): Promise<void> {
    // What the client received the records in, and copied them from.
    freeLarge(round.reduce((sum, { bytes }) => sum + bytes, 0));
    const outcomes = await this.#outcomes(
      round.map(({ batch }) => batch),
      round[0]!.signal,
    );
    // Before it is told: the next fetch begins with that, and then finds all that came meanwhile.
    await rest?.();
    round.forEach(({ settle }, nth) => settle(outcomes[nth]!));
  }

  async #outcomes(round: Round, signal: AbortSignal): Promise<Outcome[]> {
    const { handle } = this.#options;
    try {
      const outcomes = await handle(round, signal);
      return round.map((_batch, nth) => outcomes?.[nth] ?? confirmed);
    } catch (error) {
      if (round.length === 1 || signal.aborted || isFatal(error))
        return round.map(() => ({ status: 'rejected', reason: error }));
      const alone = await Promise.all(round.map((batch) => this.#outcomes([batch], signal)));
      return alone.flat();
    }
  }
}

const confirmed: Outcome = { status: 'fulfilled', value: undefined };
/** What becomes of a batch whose round has not begun. */
export const dropped: Outcome = {
  status: 'rejected',
  reason: transient('STOPPED', 'The batch was taken away before its round began.'),
};

export const isFatal = (error: unknown): error is SyncError =>
  error instanceof SyncError && error.kind === 'fatal';
