import { type TopicNames } from '@tributary/contract';
import { SyncError } from '@tributary/kernel';
import { isMissing, logEnd, type Connection } from '@tributary/capture';
import type { TargetName } from '@tributary/sync-config';
import { loadsGroup } from '@tributary/topics';
import type { TopicAdmin } from '@tributary/transport';
import type { RowDataPacket } from 'mysql2/promise';
import { stageWait, unconfirmed, type StagePatience } from './stage-wait';

/** Consumer groups whose committed offsets tell how far the stages are. */
export interface StageGroups {
  readonly validator: string;
  sink(target: TargetName): string;
}

/** `ended`: the signal aborted the wait, so that nothing can be said. */
export type DrainResult =
  { readonly passed: true } | { readonly passed: false; readonly why: string; readonly ended?: true };

/**
 * Answers when all that was committed in the source before the call has gone through the pipeline: the log is
 * empty up to its present end, the validator has confirmed what was then on its topic, and the sink what was then
 * on its own; and the same of what then was on the topics of loads. No clock decides it, so verification under load raises no
 * false alarm.
 */
export class PipelineDrain {
  constructor(
    private readonly deps: StagePatience & {
      readonly connection: Connection;
      readonly captureSchema: string;
      readonly admin: Pick<TopicAdmin, 'watermarks' | 'groupOffsets'>;
      readonly topics: Pick<TopicNames, 'changes' | 'validated' | 'loads' | 'validatedLoads'>;
      readonly groups: StageGroups;
    },
  ) {}

  async wait(target: TargetName): Promise<DrainResult> {
    const { topics, groups } = this.deps;
    try {
      return (
        (await this.#log()) ??
        (await this.#stage(groups.validator, topics.changes)) ??
        (await this.#stage(groups.sink(target), topics.validated)) ??
        (await this.#stage(loadsGroup(groups.validator), topics.loads)) ??
        (await this.#stage(loadsGroup(groups.sink(target)), topics.validatedLoads)) ?? { passed: true }
      );
    } catch (error) {
      if (this.deps.signal?.aborted)
        return { passed: false, why: 'it was ended before the pipeline had passed it', ended: true };
      if (!(error instanceof SyncError) || error.kind !== 'retry') throw error;
      if (error.code === 'KAFKA_TOPIC') return { passed: true };
      return { passed: false, why: error.message };
    }
  }

  async #log(): Promise<DrainResult | undefined> {
    const end = await this.#logId('MAX');
    if (end === null) return undefined;
    return this.#until('the relay', async () => {
      const first = await this.#logId('MIN');
      return first === null || first > end ? 0n : end - first + 1n;
    });
  }

  async #logId(which: 'MIN' | 'MAX'): Promise<bigint | null> {
    const { connection, captureSchema } = this.deps;
    try {
      const [[row]] = await connection.query<RowDataPacket[]>(logEnd(captureSchema, which));
      const id = row!['id'] as string | number | null;
      return id === null ? null : BigInt(id);
    } catch (error) {
      // Nothing was ever captured. That an account may not look says nothing of that, and stays an error.
      if (isMissing(error)) return null;
      throw error;
    }
  }

  async #stage(group: string, topic: string): Promise<DrainResult | undefined> {
    return this.#until(group, await unconfirmed(this.deps.admin, group, topic));
  }

  async #until(who: string, left: () => Promise<bigint>): Promise<DrainResult | undefined> {
    const why = await stageWait(who, left, this.deps);
    return why === undefined ? undefined : { passed: false, why };
  }
}
