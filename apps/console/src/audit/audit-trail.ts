import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { AuditEntry } from '@tributary/console-api';
import { errorText } from '@tributary/kernel';
import { LOGGER, type Logger } from '@tributary/service';
import type { Caller } from '../access/caller';
import { ApiProblem } from '../http/api-problem';
import { AUDIT, type AuditPort } from './audit-port';

type Written = Pick<AuditEntry, 'action' | 'input' | 'reason' | 'outcome' | 'detail'>;

/** Writes down who did what. */
@Injectable()
export class AuditTrail {
  readonly #listeners: ((entry: AuditEntry) => void)[] = [];

  constructor(
    @Inject(AUDIT) private readonly port: AuditPort,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** Told each entry that this process writes. */
  onEntry(listener: (entry: AuditEntry) => void): void {
    this.#listeners.push(listener);
  }

  newest(limit: number): Promise<readonly AuditEntry[]> {
    return this.port.newest(limit);
  }

  /** Throws a problem 503 that says what was done all the same; the entry is then in the log of the process. */
  async write(caller: Caller, written: Written): Promise<void> {
    const entry = this.#entry(caller, written);
    try {
      await this.#put(entry);
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

  /** Of a call that its caller may not make. */
  async refused(action: string, caller: Caller, detail: string): Promise<void> {
    const entry = this.#entry(caller, { action, input: {}, reason: null, outcome: 'refused', detail });
    await this.#put(entry).catch((error: unknown) =>
      this.log.error(
        { event: 'audit-lost', entry, error },
        'an entry of the audit topic could not be written',
      ),
    );
  }

  #entry({ name, role, from }: Caller, written: Written): AuditEntry {
    return { id: randomUUID(), at: new Date().toISOString(), who: name, role, from, ...written };
  }

  async #put(entry: AuditEntry): Promise<void> {
    await this.port.write(entry);
    for (const listener of this.#listeners) listener(entry);
  }
}

const said = { done: 'It was done', failed: 'It has failed', refused: 'It was refused' } as const;
