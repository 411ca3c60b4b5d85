import { errorText, pause } from '@tributary/kernel';
import type { PauseNote, PipelineNotes } from '@tributary/topics';
import type { Logger } from './logger';
import type { Metrics } from './metrics';

const LOOK_MS = 1_000;

export interface PausedTablesParts {
  readonly context: { readonly log: Logger; readonly metrics: Metrics };
  readonly notes: Pick<PipelineNotes, 'refresh' | 'of'>;
  /** The target of this sink; `undefined`: this is the relay. */
  readonly target?: string;
  /** How often the notes are looked at. */
  readonly lookMs?: number;
}

/** The tables that an operator has paused in this service, as the notes on Kafka say (`tributary pause`). */
export class PausedTables {
  readonly #parts: PausedTablesParts;
  #paused = new Map<string, PauseNote>();
  #tables: ReadonlySet<string> = new Set();
  #anywhere: ReadonlySet<string> = new Set();

  constructor(parts: PausedTablesParts) {
    const { context, target = '' } = parts;
    this.#parts = parts;
    context.metrics.observeEach(
      'tributary_paused',
      '1 for a table that an operator has paused here (tributary pause); target: in that target only',
      ['table', 'target'],
      () => [...this.#tables].map((table) => ({ labels: { table, target }, value: 1 })),
    );
  }

  isPaused(table: string): boolean {
    return this.#paused.has(table);
  }

  /** As of now: another set after each look. */
  get tables(): ReadonlySet<string> {
    return this.#tables;
  }

  /** These, and those that are paused for all targets, which the relay sees to. */
  get anywhere(): ReadonlySet<string> {
    return this.#anywhere;
  }

  /**
   * Keeps up with the notes until `signal` aborts. While Kafka is away, and after the end, what was paused stays so: what is
   * under way must not take it for resumed. `onLook` is told after each look.
   */
  async follow(signal: AbortSignal, onLook: () => Promise<void> = async () => undefined): Promise<void> {
    const { context, notes, lookMs = LOOK_MS } = this.#parts;
    while (!signal.aborted) {
      await pause(lookMs, signal);
      if (signal.aborted) break;
      try {
        await notes.refresh();
        this.take();
        await onLook();
      } catch (error) {
        context.log.debug({ reason: errorText(error) }, 'the notes of paused tables could not be read');
      }
    }
  }

  /** To be called when nothing is done here any more, as by a relay that no longer leads. */
  clear(): void {
    this.#paused = new Map();
    this.#tables = new Set();
    this.#anywhere = new Set();
  }

  /** Takes over what the notes said at their last `refresh`. */
  take(): void {
    const { context, notes, target } = this.#parts;
    const before = this.#paused;
    const all = notes.of('paused');
    const now = all.filter((note) => note.target === target);
    this.#paused = new Map(now.map((note) => [note.table, note]));
    this.#tables = new Set(this.#paused.keys());
    this.#anywhere = new Set([
      ...this.#tables,
      ...all.flatMap((note) => (note.target === undefined ? note.table : [])),
    ]);
    for (const [table, { by, reason }] of this.#paused)
      if (!before.has(table))
        context.log.warn(
          { event: 'table-paused', table, by },
          `${table} is paused by ${by}${reason === '' ? '' : ` (${reason})`}, other tables go on`,
        );
    for (const table of before.keys())
      if (!this.#paused.has(table))
        context.log.info({ event: 'table-resumed', table }, `${table} is paused no longer`);
  }
}
