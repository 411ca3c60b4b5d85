import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** One logged change of one row, or a marker (shape 0). The hot paths read it without TypeORM (libs/capture). */
@Entity('change_log')
export class ChangeLog {
  /** Digits; ids become visible out of order. */
  @PrimaryGeneratedColumn({ type: 'bigint', unsigned: true })
  id!: string;

  @Column('int', { name: 'shape_id', unsigned: true })
  shapeId!: number;

  /** c insert, u update, d delete, r repair, m marker. */
  @Column({ type: 'char', length: 1, charset: 'ascii' })
  op!: 'c' | 'u' | 'd' | 'r' | 'm' | 'k';

  /** JSON array of the key's cells. */
  @Column('longtext', { name: 'row_key', nullable: true })
  rowKey!: string | null;

  @Column('longtext', { name: 'before_image', nullable: true })
  beforeImage!: string | null;

  @Column('longtext', { name: 'after_image', nullable: true })
  afterImage!: string | null;

  /** CRC-32 over key and images as stored. */
  @Column('int', { unsigned: true, nullable: true })
  crc!: number | null;

  /** UTC. */
  @Column('datetime', { precision: 6 })
  at!: Date;
}
