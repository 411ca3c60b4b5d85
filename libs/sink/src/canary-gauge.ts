import { canaryAtMs, header } from '@tributary/contract';
import type { Metrics } from '@tributary/service';
import type { Round } from '@tributary/transport';

/** What is known of the canaries of a partition, or of all while none is assigned; UTC milliseconds. */
interface Heard {
  /** How long the newest took that the target has. */
  readonly tookMs: number;
  /** When the next one should have been committed. */
  readonly nextAtMs: number;
}

/**
 * Tells how long a canary takes from its commit at the source until the target has noted that all before it is applied, in the
 * partition where it takes longest. When the next one is late, tells how late it is, so that the value rises while nothing comes.
 */
export class CanaryGauge {
  readonly #everyMs: number | null;
  /** By partition; `null`: nothing was assigned yet. */
  #heard: Map<number, Heard> | null = null;
  /** The newest canary of a partition that is applied and not noted yet. */
  readonly #applied = new Map<number, { readonly offset: bigint; readonly atMs: number }>();
  readonly #since: Heard;

  constructor(
    metrics: Metrics,
    target: string,
    canarySeconds: number | null,
    private readonly now: () => number = Date.now,
  ) {
    this.#everyMs = canarySeconds === null ? null : canarySeconds * 1000;
    this.#since = this.#fromNow();
    metrics.observeEach(
      'tributary_canary_seconds',
      'Time from the commit of a canary at the source until the target has it; rises while none comes',
      ['target'],
      () => {
        const seconds = this.#seconds();
        return seconds === undefined ? [] : [{ labels: { target }, value: seconds }];
      },
    );
  }

  /** Of a partition that comes from elsewhere the next canary is awaited from now on. */
  assigned(partitions: readonly number[]): void {
    const before = this.#heard;
    this.#heard = new Map(partitions.map((one) => [one, before?.get(one) ?? this.#fromNow()]));
    this.#applied.clear();
  }

  /** The target has all that the round says. */
  handled(round: Round): void {
    if (this.#everyMs === null) return;
    for (const { partition, records } of round)
      for (const record of records) {
        if (record.headers[header.control] === undefined) continue;
        const atMs = canaryAtMs(record);
        if (atMs !== undefined) this.#applied.set(partition, { offset: BigInt(record.offset), atMs });
      }
  }

  /** The target has noted that it holds all before these offsets. */
  noted(offsets: ReadonlyMap<number, bigint>): void {
    if (this.#everyMs === null) return;
    for (const [partition, next] of offsets) {
      const applied = this.#applied.get(partition);
      if (!applied || applied.offset >= next) continue;
      this.#applied.delete(partition);
      const { atMs } = applied;
      this.#heard?.set(partition, {
        tookMs: Math.max(0, this.now() - atMs),
        nextAtMs: atMs + this.#everyMs,
      });
    }
  }

  /** The partition is read again. */
  rewound(partition: number): void {
    this.#applied.delete(partition);
  }

  #seconds(): number | undefined {
    if (this.#everyMs === null) return undefined;
    const heard = this.#heard === null ? [this.#since] : [...this.#heard.values()];
    if (heard.length === 0) return undefined;
    const now = this.now();
    return Math.max(...heard.map(({ tookMs, nextAtMs }) => Math.max(tookMs, now - nextAtMs))) / 1000;
  }

  #fromNow(): Heard {
    return { tookMs: 0, nextAtMs: this.now() + (this.#everyMs ?? 0) };
  }
}
