import { setTimeout as sleep } from 'node:timers/promises';
import { SyncError, type TopicNames } from '@tributary/change-event';
import { quoteIdentifier, type Connection } from '@tributary/capture';
import type { TopicAdmin } from '@tributary/kafka';
import type { RowDataPacket } from 'mysql2/promise';
import type { TargetName } from './difference';

/** Consumer groups whose committed offsets tell how far the stages are. */
export interface StageGroups {
  readonly validator: string;
  readonly mongo: string;
  readonly redis: string;
}

export type Passage = { readonly passed: true } | { readonly passed: false; readonly why: string };

const POLL_MS = 100;
/** ER_BAD_DB_ERROR, ER_NO_SUCH_TABLE: nothing was ever captured. */
const noLog = new Set([1049, 1146]);

/**
 * Answers when all that was committed in the source before the call has gone through the pipeline: the log is
 * empty up to its present end, the validator has confirmed what was then on its topic, and the sink what was then
 * on its own. No clock decides it, so verification under load raises no false alarm.
 */
export class PipelineBarrier {
  constructor(
    private readonly deps: {
      readonly connection: Connection;
      readonly captureSchema: string;
      readonly admin: Pick<TopicAdmin, 'watermarks' | 'groupOffsets'>;
      readonly topics: Pick<TopicNames, 'changes' | 'validated'>;
      readonly groups: StageGroups;
      /** How long a stage may make no progress at all before it counts as standing still, milliseconds. */
      readonly patienceMs: number;
      /** Told how many changes or events the stage that is waited for has still to do. */
      onWaiting?(left: bigint): void;
      readonly signal?: AbortSignal;
    },
  ) {}

  async passed(target: TargetName): Promise<Passage> {
    const { topics, groups } = this.deps;
    try {
      return (
        (await this.#log()) ??
        (await this.#stage(groups.validator, topics.changes)) ??
        (await this.#stage(groups[target], topics.validated)) ?? { passed: true }
      );
    } catch (error) {
      if (!(error instanceof SyncError) || error.kind !== 'retry') throw error;
      if (error.code === 'KAFKA_TOPIC') return { passed: true };
      return { passed: false, why: error.message };
    }
  }

  async #log(): Promise<Passage | undefined> {
    const end = await this.#logId('MAX');
    if (end === null) return undefined;
    return this.#until('the relay', async () => {
      const first = await this.#logId('MIN');
      return first === null || first > end ? 0n : end - first + 1n;
    });
  }

  async #logId(which: 'MIN' | 'MAX'): Promise<bigint | null> {
    const log = `${quoteIdentifier(this.deps.captureSchema)}.change_log`;
    try {
      const [[row]] = await this.deps.connection.query<RowDataPacket[]>(
        `SELECT ${which}(id) AS id FROM ${log}`,
      );
      const id = row!['id'] as string | number | null;
      return id === null ? null : BigInt(id);
    } catch (error) {
      if (noLog.has((error as { errno?: number }).errno ?? 0)) return null;
      throw error;
    }
  }

  async #stage(group: string, topic: string): Promise<Passage | undefined> {
    const { admin } = this.deps;
    const ends = await admin.watermarks(topic);
    return this.#until(group, async () => {
      const offsets = await admin.groupOffsets(group, topic);
      let left = 0n;
      for (const [partition, { low, high }] of ends) {
        const at = offsets.get(partition) ?? low;
        if (at < high) left += high - (at > low ? at : low);
      }
      return left;
    });
  }

  /** Waits until nothing is left; gives up when that number has not fallen for the time of patience. */
  async #until(who: string, left: () => Promise<bigint>): Promise<Passage | undefined> {
    const { patienceMs, onWaiting, signal } = this.deps;
    let least = await left();
    let fellAt = performance.now();
    for (let pause = POLL_MS / 5; least > 0n; pause = Math.min(pause * 2, POLL_MS * 5)) {
      onWaiting?.(least);
      if (performance.now() - fellAt > patienceMs)
        return { passed: false, why: `${who} stands still with ${least} changes to do` };
      await sleep(pause, undefined, { signal });
      const now = await left();
      if (now < least) [least, fellAt] = [now, performance.now()];
    }
    return undefined;
  }
}
