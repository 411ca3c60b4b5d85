import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Who leads a shard, and under which epoch its ids are versions. */
@Entity('relay_state')
export class RelayState {
  @PrimaryColumn('int')
  shard!: number;

  /** Digits; rises with every taker and fences the deletes of an old one. */
  @Column('bigint', { unsigned: true, default: 0 })
  lease!: string;

  @Column('varchar', { length: 255, default: '' })
  owner!: string;

  /** 0: not decided yet. */
  @Column('int', { unsigned: true, default: 0 })
  epoch!: number;

  /** Digits; no record was published under a higher id that is not in the log. */
  @Column('bigint', { name: 'high_id', unsigned: true, default: 0 })
  highId!: string;

  @Column('datetime', { name: 'updated_at', precision: 6 })
  updatedAt!: Date;

  /** Of the pipeline for as long as it lives: 32 hex digits; `null` until a relay has led. */
  @Column({ type: 'char', length: 32, charset: 'ascii', nullable: true })
  pipeline!: string | null;

  /** Another one whenever the log's ids may have begun again: 32 hex digits. */
  @Column({ type: 'char', length: 32, charset: 'ascii', nullable: true })
  incarnation!: string | null;

  /** The incarnation that Kafka was told last. */
  @Column({ type: 'char', length: 32, charset: 'ascii', nullable: true })
  announced!: string | null;

  /** Digits; equals `lease` while each leader kept `published`. */
  @Column('bigint', { name: 'tracked_lease', unsigned: true, default: 0 })
  trackedLease!: string;

  /** JSON: up to where the topic holds what was acknowledged. */
  @Column({ type: 'text', charset: 'ascii', nullable: true })
  published!: string | null;

  /** When the epoch last rose because versions could not be trusted. */
  @Column('datetime', { name: 'raised_at', precision: 6, nullable: true })
  raisedAt!: Date | null;

  @Column('text', { name: 'raised_reason', nullable: true })
  raisedReason!: string | null;
}
