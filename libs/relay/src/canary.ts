import type { LogEntry } from '@tributary/capture';
import { canaryRecord, formatVersion, inEveryPartition } from '@tributary/contract';
import { errorText, pause } from '@tributary/kernel';
import type { SyncConfig } from '@tributary/sync-config';
import type { RecordSender } from '@tributary/transport';
import type { RelayContext } from './ports';

export interface CanaryDeps {
  readonly config: Pick<SyncConfig, 'canarySeconds' | 'topics' | 'partitions'>;
  readonly publisher: RecordSender;
  readonly log: Pick<RelayContext['log'], 'warn'>;
  /** Of the term's versions. */
  readonly epoch: number;
  /** Commits a marker in the change log and answers its id. */
  readonly mark: () => Promise<bigint>;
}

interface Mark {
  readonly id: bigint;
  /** When it was committed, by the source's clock. */
  readonly atMs: number;
}

/** So many marks may wait in a log that nothing gets out of; more would tell no more. */
const MOST_AWAITED = 100;

/**
 * Sends a canary through the pipeline every `metrics.canarySeconds`: a marker is committed in the change log like any change,
 * and when its turn has come in the log, a control record with the time of its commit goes into every partition. The sinks tell
 * how long it took until their target had it.
 */
export class Canary {
  /** Markers of ours that the log still has. */
  readonly #awaited = new Set<bigint>();
  /** Markers that were read before it was known whose they are, and when they were committed. */
  readonly #strange = new Map<bigint, number>();

  constructor(private readonly deps: CanaryDeps) {}

  /** Marks until `signal` aborts. A mark that fails is left out: it must not end what goes well without it. */
  async run(signal: AbortSignal): Promise<void> {
    const { config, log } = this.deps;
    if (config.canarySeconds === null) return;
    let failing = false;
    while (!signal.aborted) {
      try {
        await this.#mark();
        failing = false;
      } catch (error) {
        if (!failing && !signal.aborted)
          log.warn(
            { event: 'canary-failed', reason: errorText(error) },
            'no canary could be sent through the pipeline; it is tried again',
          );
        failing = true;
      }
      await pause(config.canarySeconds * 1000, signal);
    }
  }

  /** Resolves when Kafka has the canary of the last mark among the entries. Throws what the publisher does. */
  async passed(entries: readonly LogEntry[]): Promise<void> {
    if (this.deps.config.canarySeconds === null) return;
    let newest: Mark | undefined;
    for (const { op, id, atMs } of entries) {
      if (op !== 'm') continue;
      if (this.#awaited.delete(id)) newest = { id, atMs };
      else this.#strange.set(id, atMs);
    }
    if (newest !== undefined) await this.#send(newest);
  }

  async #mark(): Promise<void> {
    if (this.#awaited.size >= MOST_AWAITED) return;
    this.#strange.clear();
    const id = await this.deps.mark();
    const atMs = this.#strange.get(id);
    if (atMs === undefined) this.#awaited.add(id);
    else await this.#send({ id, atMs });
  }

  async #send({ id, atMs }: Mark): Promise<void> {
    const { config, publisher, epoch } = this.deps;
    const { topics, partitions } = config;
    const record = canaryRecord(formatVersion(epoch, id), atMs);
    await publisher.send(topics.changes, inEveryPartition(record, partitions));
  }
}
