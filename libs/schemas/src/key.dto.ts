import { IsObject, IsString, Matches } from 'class-validator';
import type { WireRow } from '@tributary/contract';

/** The key of a change event. */
export class EventKeyDto {
  /** `database.table`. */
  @IsString()
  @Matches(/^[^.]+\..+$/s, { message: 'table must be database.table' })
  table!: string;

  /** Key columns by wire name. */
  @IsObject()
  key!: WireRow;
}
