import type { TablePlan } from '@tributary/capture';
import { controlRecord, formatVersion, type ControlKind, inEveryPartition } from '@tributary/contract';
import type { RunningJob } from '@tributary/snapshot';
import type { SyncConfig } from '@tributary/sync-config';
import type { RecordSender } from '@tributary/transport';
import type { SchemaEncoders } from './schema-encoders';

/**
 * Puts the control records of loads into every partition: `load` before the first row of a load is read, `sweep` after
 * Kafka has acknowledged its last one. With both a sink knows that it was given all that the source holds (R5).
 */
export class SnapshotMarkers {
  constructor(
    private readonly shapes: Pick<SchemaEncoders, 'encoderOf' | 'publishSchemas'>,
    private readonly publisher: RecordSender,
    private readonly config: Pick<SyncConfig, 'topics' | 'partitions'>,
  ) {}

  /** Resolves when all in-sync replicas hold the records. */
  began(job: RunningJob, plan: TablePlan): Promise<void> {
    return this.#publish('load', job, plan);
  }

  ended(job: RunningJob, plan: TablePlan): Promise<void> {
    return this.#publish('sweep', job, plan);
  }

  async #publish(kind: ControlKind, { id, mark }: RunningJob, plan: TablePlan): Promise<void> {
    const { topics, partitions } = this.config;
    const { schema } = this.shapes.encoderOf(plan.schema);
    await this.shapes.publishSchemas();
    const record = controlRecord({
      ...{ kind, table: schema.table, schema: schema.fingerprint, job: id, partitions },
      floor: formatVersion(mark!.epoch, mark!.id),
    });
    await this.publisher.send(topics.changes, inEveryPartition(record, partitions));
  }
}
