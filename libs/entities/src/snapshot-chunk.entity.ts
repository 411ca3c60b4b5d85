import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import type { SnapshotJobState } from './snapshot-job.entity';

/** One key interval (lower exclusive, upper inclusive; null: open) of a snapshot job. Counters and ids are digits. */
@Entity('snapshot_chunk')
@Index('job_state', ['jobId', 'state'])
export class SnapshotChunk {
  @PrimaryGeneratedColumn({ type: 'bigint', unsigned: true })
  id: string;

  @Column('bigint', { name: 'job_id', unsigned: true })
  jobId: string;

  /** JSON array of key cells. */
  @Column('longtext', { name: 'lower_key', nullable: true })
  lowerKey: string | null;

  /** JSON array of key cells. */
  @Column('longtext', { name: 'upper_key', nullable: true })
  upperKey: string | null;

  @Column({ type: 'varchar', length: 16, charset: 'ascii', default: 'queued' })
  state: SnapshotJobState;

  @Column('bigint', { unsigned: true, default: 0 })
  rows: string;

  /** The floor that its rows' version was made of. */
  @Column('bigint', { name: 'floor_id', unsigned: true, nullable: true })
  floorId: string | null;

  @Column('datetime', { name: 'started_at', precision: 6, nullable: true })
  startedAt: Date | null;

  @Column('datetime', { name: 'finished_at', precision: 6, nullable: true })
  finishedAt: Date | null;
}
