import { Column, Entity, PrimaryGeneratedColumn, Unique } from 'typeorm';

/** A captured column list of a table at some time; log entries name it by id. */
@Entity('table_shape')
@Unique('table_fingerprint', ['tableName', 'fingerprint'])
export class TableShape {
  @PrimaryGeneratedColumn({ type: 'int', unsigned: true })
  id!: number;

  /** `database.table`. */
  @Column({ type: 'varchar', name: 'table_name', length: 255, collation: 'utf8mb4_bin' })
  tableName!: string;

  @Column({ type: 'char', length: 16, charset: 'ascii' })
  fingerprint!: string;

  /** JSON of the RowSchema. */
  @Column('longtext', { name: 'schema_json' })
  schemaJson!: string;

  @Column('datetime', { name: 'created_at', precision: 6 })
  createdAt!: Date;
}
