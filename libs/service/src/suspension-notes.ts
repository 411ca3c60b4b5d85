import { errorText } from '@tributary/change-event';
import type { PipelineNotes, Publisher, SuspensionNote } from '@tributary/kafka';
import type { Logger } from './logger';
import type { SuspendedTable } from './suspended-table';

const LOOK_MS = 30_000;
const RETRY_MS = 5_000;

export interface SuspensionNotesParts {
  readonly context: { readonly app: string; readonly log: Logger };
  readonly notes: PipelineNotes;
  readonly publisher: Publisher;
  /**
   * Who has a table loaded that is active again, since it has missed events: the relay, which is asked for it by a
   * note, or the caller itself for what it lifts, and this function for what an earlier process left behind.
   */
  readonly loads: 'demand' | ((table: string) => Promise<void>);
}

/**
 * Keeps the `suspended` notes of one service equal to its suspended tables, in the background. A table that is no longer
 * suspended, in this process or since the one before it, is loaded anew where that is asked for.
 */
export class SuspensionNotes {
  readonly #parts: SuspensionNotesParts;
  /** As the topic has them, by table. */
  readonly #written = new Map<string, SuspensionNote>();
  /** Tables that this process has suspended at some time. */
  readonly #own = new Set<string>();
  #wanted: () => readonly SuspendedTable[] = () => [];
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<boolean> | undefined;
  #again = false;
  #stale = true;
  #stopped = false;

  constructor(parts: SuspensionNotesParts) {
    this.#parts = parts;
  }

  start(wanted: () => readonly SuspendedTable[]): void {
    this.#wanted = wanted;
    this.#timer = setInterval(() => this.#look(), LOOK_MS).unref();
    this.changed();
  }

  changed(): void {
    this.#again = true;
    void this.#run();
  }

  /** Resolves when Kafka has the notes, or when this was stopped. */
  async settled(): Promise<void> {
    while (!this.#stopped && !(await this.#run())) await this.#pause();
  }

  /** The notes stay: what was skipped is loaded when a later process finds them. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#turn;
  }

  /** Another copy of the service may have another configuration, or be gone by now: each look takes back what is not so here. */
  #look(): void {
    this.#stale = true;
    this.changed();
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
  }

  /** True when all is written; false when Kafka could not take it. One at a time. */
  #run(): Promise<boolean> {
    this.#turn ??= this.#write().finally(() => (this.#turn = undefined));
    return this.#turn;
  }

  async #write(): Promise<boolean> {
    try {
      while (this.#again && !this.#stopped) {
        this.#again = false;
        await this.#once();
      }
      return true;
    } catch (error) {
      this.#again = true;
      this.#parts.context.log.debug(
        { reason: errorText(error) },
        'notes of suspended tables could not be written',
      );
      setTimeout(() => void this.#run(), RETRY_MS).unref();
      return this.#stopped;
    }
  }

  async #once(): Promise<void> {
    const { context, notes, publisher, loads } = this.#parts;
    const { app } = context;
    if (this.#stale) {
      await notes.refresh();
      this.#written.clear();
      for (const note of notes.of('suspended')) if (note.app === app) this.#written.set(note.table, note);
      this.#stale = false;
    }
    const wanted = new Map(
      this.#wanted().map(({ table, code, reason, remedy, since }): [string, SuspensionNote] => [
        table,
        { kind: 'suspended', app, table, code, reason, remedy, since },
      ]),
    );
    for (const [table, note] of wanted) {
      this.#own.add(table);
      const known = this.#written.get(table);
      if (known?.code === note.code && known.reason === note.reason && known.remedy === note.remedy) continue;
      await notes.put(publisher, note);
      this.#written.set(table, note);
    }
    for (const [table, note] of this.#written) {
      if (wanted.has(table)) continue;
      const reason = `${table} was suspended in ${app} (${note.code}) and has missed events`;
      if (typeof loads === 'function') {
        if (!this.#own.has(table)) await loads(table);
      } else await notes.put(publisher, { kind: 'load', app, table, reason, at: new Date().toISOString() });
      await notes.remove(publisher, note);
      this.#written.delete(table);
    }
  }
}
