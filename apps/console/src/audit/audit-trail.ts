import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { errorText } from '@tributary/kernel';
import { AuditJournal, type AuditEntry, type StoredAuditEntry } from '@tributary/operations';
import { LOGGER, type Logger } from '@tributary/service';
import type { Caller } from '../access/caller';
import { ApiProblem } from '../http/api-problem';
import { UseCases } from '../operations/use-cases';
import { Refusals } from './refusals';

type Written = Pick<AuditEntry, 'action' | 'input' | 'reason' | 'outcome' | 'detail'>;

/** Writes down who did what. */
@Injectable()
export class AuditTrail implements OnApplicationShutdown {
  readonly #journal: AuditJournal;
  readonly #refusals = new Refusals();

  constructor(
    @Inject(UseCases) useCases: UseCases,
    @Inject(LOGGER) private readonly log: Logger,
  ) {
    this.#journal = new AuditJournal(useCases.servers);
  }

  /** Newest first; `before`: older ones than that of this id. */
  newest(limit: number, before?: string): Promise<StoredAuditEntry[]> {
    return this.#journal.newest(limit, before);
  }

  /** Entries that any process writes from now on. */
  follow(signal: AbortSignal): AsyncGenerator<StoredAuditEntry> {
    return this.#journal.follow(signal);
  }

  onApplicationShutdown(): Promise<void> {
    return this.#journal.close();
  }

  /** Throws a problem 503 that says what was done all the same; the entry is then in the log of the process. */
  async write(caller: Caller, written: Written): Promise<void> {
    const entry = this.#entry(caller, written);
    try {
      await this.#journal.write(entry);
    } catch (error) {
      this.log.error(
        { event: 'audit-lost', entry, error },
        'an entry of the audit topic could not be written',
      );
      throw new ApiProblem(
        503,
        'AUDIT',
        `${said[written.outcome]}, and that could not be written to the audit topic (${errorText(error)}): look before you try again.`,
      );
    }
  }

  /** Of a call that its caller may not make; of many in a minute the first, and how many more there were. */
  async refused(action: string, caller: Caller, detail: string): Promise<void> {
    const onMore = (many: number) =>
      void this.#refused(action, caller, `${many} more calls were refused within a minute.`);
    if (this.#refusals.counts(caller.name, onMore)) await this.#refused(action, caller, detail);
  }

  async #refused(action: string, caller: Caller, detail: string): Promise<void> {
    const entry = this.#entry(caller, { action, input: {}, reason: null, outcome: 'refused', detail });
    await this.#journal
      .write(entry)
      .catch((error: unknown) =>
        this.log.error(
          { event: 'audit-lost', entry, error },
          'an entry of the audit topic could not be written',
        ),
      );
  }

  #entry({ name, role, from }: Caller, written: Written): AuditEntry {
    return { at: new Date().toISOString(), who: name, role, from, ...written };
  }
}

const said = { done: 'It was done', failed: 'It has failed', refused: 'It was refused' } as const;
