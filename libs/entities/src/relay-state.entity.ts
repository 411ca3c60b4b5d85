import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Who leads a shard, and under which epoch its ids are versions. */
@Entity('relay_state')
export class RelayState {
  @PrimaryColumn('int')
  shard: number;

  /** Digits; rises with every taker and fences the deletes of an old one. */
  @Column('bigint', { unsigned: true, default: 0 })
  lease: string;

  @Column('varchar', { length: 255, default: '' })
  owner: string;

  /** 0: not decided yet. */
  @Column('int', { unsigned: true, default: 0 })
  epoch: number;

  /** Digits; highest id ever acknowledged. */
  @Column('bigint', { name: 'high_id', unsigned: true, default: 0 })
  highId: string;

  @Column('datetime', { name: 'updated_at', precision: 6 })
  updatedAt: Date;
}
