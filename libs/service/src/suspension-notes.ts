import { errorText } from '@tributary/kernel';
import type { PipelineNotes, SuspensionNote } from '@tributary/topics';
import type { RecordSender } from '@tributary/transport';
import type { ServiceEnv } from './env';
import { SILENT_MS, type InstanceWatch, type Standing } from './instance-watch';
import type { Logger } from './logger';
import type { SuspendedTable } from './suspended-table';

const LOOK_MS = 30_000;
const RETRY_MS = 5_000;

export interface SuspensionNotesParts {
  readonly context: {
    readonly app: string;
    readonly instance: string;
    readonly log: Logger;
    readonly env: Pick<ServiceEnv, 'config'>;
  };
  readonly notes: Pick<PipelineNotes, 'refresh' | 'of' | 'put' | 'remove'>;
  readonly publisher: RecordSender;
  /**
   * Who has a table loaded that is active again, since it has missed events: the relay, which is asked for it by a
   * note, or the caller itself for what it lifts, and this function for what an earlier process left behind.
   */
  readonly loads: 'demand' | ((table: string) => Promise<void>);
  /** Which copies of the service live beside this one; without it none does, as beside the relay that leads. */
  readonly copies?: Pick<InstanceWatch, 'look'>;
  /** How often the topic is looked at for what other processes left behind. */
  readonly lookMs?: number;
}

/**
 * Keeps the `suspended` notes of one process equal to its suspended tables, in the background. A table that is no longer
 * suspended in it is loaded anew where that is asked for. Notes of processes that have ended are taken over, or taken
 * back with a load; those of copies that live are theirs alone, also where another sync file lets this one apply the
 * table: a copy that leaves a table out misses events until the day it ends.
 */
export class SuspensionNotes {
  readonly #parts: SuspensionNotesParts;
  /** This process's notes as the topic has them, by table. */
  readonly #written = new Map<string, SuspensionNote>();
  /** Tables that this process has suspended at some time. */
  readonly #own = new Set<string>();
  /** Disagreements that were told. */
  readonly #told = new Set<string>();
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
    this.#timer = setInterval(() => this.#look(), this.#parts.lookMs ?? LOOK_MS).unref();
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
        const others = this.#stale ? await this.#read() : [];
        await this.#writeOwn();
        await this.#settle(others);
      }
      return true;
    } catch (error) {
      this.#again = true;
      this.#stale = true;
      this.#parts.context.log.debug(
        { reason: errorText(error) },
        'notes of suspended tables could not be written',
      );
      setTimeout(() => void this.#run(), RETRY_MS).unref();
      return this.#stopped;
    }
  }

  /** What the topic has of this process, which is written again where the topic was made anew; answers the rest of the service's. */
  async #read(): Promise<SuspensionNote[]> {
    const { context, notes } = this.#parts;
    await notes.refresh();
    const all = notes.of('suspended').filter(({ app }) => app === context.app);
    const own = all.filter(({ instance }) => instance === context.instance);
    this.#written.clear();
    for (const note of own) this.#written.set(note.table, note);
    this.#stale = false;
    return all.filter((note) => !own.includes(note));
  }

  async #writeOwn(): Promise<void> {
    const { context, notes, publisher } = this.#parts;
    const { app, instance, env } = context;
    const said = { kind: 'suspended', app, instance, config: env.config.hash } as const;
    const wanted = this.#wanted();
    for (const { table, code, reason, remedy, since } of wanted) {
      this.#own.add(table);
      const known = this.#written.get(table);
      if (known?.code === code && known.reason === reason && known.remedy === remedy) continue;
      const note = { ...said, table, code, reason, remedy, since };
      await notes.put(publisher, note);
      this.#written.set(table, note);
    }
    for (const [table, note] of this.#written)
      if (!wanted.some((suspended) => suspended.table === table)) {
        await this.#takeBack(note);
        this.#written.delete(table);
      }
  }

  /** After this process's own notes are written: what is taken over must never be without one. */
  async #settle(others: readonly SuspensionNote[]): Promise<void> {
    if (others.length === 0) return;
    const { notes, publisher, copies } = this.#parts;
    const standing = await copies?.look();
    let unsure = false;
    for (const note of others) {
      const stands: Standing = standing?.(note.instance ?? '') ?? 'gone';
      if (stands === 'gone')
        if (this.#written.has(note.table)) await notes.remove(publisher, note);
        else await this.#takeBack(note);
      else if (stands === 'unsure') unsure = true;
      else if (!this.#written.has(note.table)) this.#tell(note);
    }
    if (unsure) setTimeout(() => this.#look(), SILENT_MS).unref();
  }

  async #takeBack(note: SuspensionNote): Promise<void> {
    const { context, notes, publisher, loads } = this.#parts;
    const { app } = context;
    const { table, code } = note;
    if (typeof loads === 'function') {
      if (!this.#own.has(table)) await loads(table);
    } else {
      const reason = `${table} was suspended in ${app} (${code}) and has missed events`;
      await notes.put(publisher, { kind: 'load', app, table, reason, at: new Date().toISOString() });
    }
    await notes.remove(publisher, note);
  }

  /** Copies of one configuration come to the same mind by themselves. */
  #tell({ table, code, instance, config }: SuspensionNote): void {
    const { app, instance: self, env, log } = this.#parts.context;
    const { hash } = env.config;
    if (config === hash || this.#told.has(`${instance} ${table}`)) return;
    this.#told.add(`${instance} ${table}`);
    log.warn(
      { event: 'copies-disagree', table, other: instance },
      `${table} is suspended (${code}) in the copy ${instance} of ${app}, whose sync file is ${config}, and not in this one, ${self}, whose is ${hash}: the table lacks what the other copy skips; give all copies the same sync file, then it is loaded`,
    );
  }
}
