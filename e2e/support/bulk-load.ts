import { insertMarker } from '@tributary/capture';
import {
  controlRecord,
  formatVersion,
  type ControlKind,
  type RowSchema,
  inEveryPartition,
} from '@tributary/contract';
import { EventEncoder, snapshotRecords } from '@tributary/relay';
import type { SyncConfig } from '@tributary/sync-config';
import { SchemaStore } from '@tributary/topics';
import type { OutRecord, RecordPublisher, Transport } from '@tributary/transport';
import type { RowDataPacket } from 'mysql2/promise';
import type { Pipeline } from './pipeline';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** A load of one table by records of the relay's own encoder on the topic of loads, as workers of an engine write them. */
export class BulkLoad {
  private constructor(
    private readonly config: SyncConfig,
    private readonly publisher: RecordPublisher,
    readonly schema: RowSchema,
    private readonly epoch: number,
    private readonly marker: bigint,
    private readonly floor: bigint,
  ) {}

  /** Of a table that the relay has published the schema of; nothing may be writing to it while the floor is taken. */
  static async begin(
    { admin, captureSchema }: Pick<Pipeline, 'admin' | 'captureSchema'>,
    kafka: Transport,
    publisher: RecordPublisher,
    config: SyncConfig,
    table: string,
  ): Promise<BulkLoad> {
    const schemas = new SchemaStore(kafka, config.topics.schemas, quiet);
    await schemas.start();
    const schema = schemas.all().findLast((one) => one.table === table);
    await schemas.stop();
    if (!schema) throw new Error(`nobody has published a schema of ${table}`);
    const marker = await insertMarker(admin as never, captureSchema);
    const floor = await insertMarker(admin as never, captureSchema);
    const [states] = await admin.query<RowDataPacket[]>(
      `SELECT epoch FROM \`${captureSchema}\`.relay_state WHERE shard = 0`,
    );
    const epoch = Number(states[0]!['epoch']);
    const load = new BulkLoad(config, publisher, schema, epoch, marker, floor);
    await load.say('load');
    return load;
  }

  /** A row as it was read; `id`: another version than the floor's. */
  record(row: Readonly<Record<string, unknown>>, id = this.floor): OutRecord {
    const encoder = new EventEncoder(this.config.prefix, this.schema, this.epoch);
    const key = JSON.stringify(Object.fromEntries(this.schema.key.map((field) => [field, row[field]])));
    return snapshotRecords(encoder)({ key, image: JSON.stringify(row) }, id);
  }

  /** Resolves when Kafka holds these rows, each in the partition of its key. */
  async rows(rows: readonly Readonly<Record<string, unknown>>[]): Promise<void> {
    const records = rows.map((row) => this.record(row));
    await this.publisher.send(this.config.topics.loads, records);
  }

  /** A control record in every partition. */
  async say(kind: ControlKind): Promise<void> {
    const { table, fingerprint } = this.schema;
    const { topics, partitions } = this.config;
    const floor = formatVersion(this.epoch, this.marker);
    const record = controlRecord({ ...{ kind, table, schema: fingerprint, floor, partitions }, job: '1' });
    await this.publisher.send(topics.loads, inEveryPartition(record, partitions));
  }
}
