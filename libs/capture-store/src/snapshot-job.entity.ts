import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

export type SnapshotJobState = 'queued' | 'running' | 'paused' | 'done' | 'failed' | 'cancelled';

/** Who works on a load: the leading relay, or workers of a Spark cluster. */
export type SnapshotEngine = 'node' | 'spark';

/** One load of one table. Counters and ids are digits. */
@Entity('snapshot_job')
@Index('state_priority', ['state', 'priority', 'id'])
export class SnapshotJob {
  @PrimaryGeneratedColumn({ type: 'bigint', unsigned: true })
  id!: string;

  /** `database.table`. */
  @Column({ type: 'varchar', name: 'table_name', length: 255, collation: 'utf8mb4_bin' })
  tableName!: string;

  @Column('longtext', { name: 'where_sql', nullable: true })
  whereSql!: string | null;

  @Column({ type: 'varchar', length: 16, charset: 'ascii', default: 'queued' })
  state!: SnapshotJobState;

  /** Higher goes first. */
  @Column('int', { default: 0 })
  priority!: number;

  /** Log id of the marker that the floor must pass before the first chunk. */
  @Column('bigint', { name: 'marker_id', unsigned: true, nullable: true })
  markerId!: string | null;

  /** Of the marker's id: a load that began under another epoch begins anew. */
  @Column('int', { unsigned: true, default: 0 })
  epoch!: number;

  /** Fingerprint of the table's schema that it reads by: under another one it begins anew. */
  @Column({ type: 'varchar', length: 64, charset: 'ascii', nullable: true })
  shape!: string | null;

  @Column('bigint', { name: 'rows_estimated', unsigned: true, nullable: true })
  rowsEstimated!: string | null;

  @Column('bigint', { name: 'rows_done', unsigned: true, default: 0 })
  rowsDone!: string;

  /** Rises with each noted chunk, so that an old leader cannot set a job back that a new one works on. */
  @Column('bigint', { name: 'chunks_done', unsigned: true, default: 0 })
  chunksDone!: string;

  /** Milliseconds in which it was being worked on; waiting and pauses are not counted. */
  @Column('bigint', { name: 'busy_ms', unsigned: true, default: 0 })
  busyMs!: string;

  /** JSON array of the cells of the last key published. */
  @Column('longtext', { name: 'last_key', nullable: true })
  lastKey!: string | null;

  @Column('text', { nullable: true })
  error!: string | null;

  /** What it waits for at the moment, as the leading relay says. */
  @Column('text', { name: 'waits_for', nullable: true })
  waitsFor!: string | null;

  @Column('datetime', { name: 'waits_since', precision: 6, nullable: true })
  waitsSince!: Date | null;

  @Column('datetime', { name: 'created_at', precision: 6 })
  createdAt!: Date;

  @Column('datetime', { name: 'started_at', precision: 6, nullable: true })
  startedAt!: Date | null;

  @Column('datetime', { name: 'finished_at', precision: 6, nullable: true })
  finishedAt!: Date | null;

  @Column({ type: 'varchar', length: 16, charset: 'ascii', default: 'node' })
  engine!: SnapshotEngine;

  /** Log id with which all rows of a load by workers are versioned; of others each chunk has its own. */
  @Column('bigint', { name: 'floor_id', unsigned: true, nullable: true })
  floorId!: string | null;
}
