import 'reflect-metadata'; // first: ValidateNested finds the class of `source` by the type that the compiler emits
import {
  IsInt,
  IsNotEmpty,
  IsObject,
  IsOptional,
  IsString,
  IsIn,
  Matches,
  Min,
  ValidateBy,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { operations, snapshotWords, type Operation, type WireRow } from '@tributary/contract';

/** Where a change comes from. Members that Debezium's readers know and we do not use may stand beside these. */
export class EventSourceDto {
  @IsString()
  @IsNotEmpty()
  db!: string;

  @IsString()
  @IsNotEmpty()
  table!: string;

  /** UTC milliseconds. */
  @IsInt()
  @Min(0)
  ts_ms!: number;

  @IsIn(snapshotWords)
  snapshot!: string;

  /** The row version, decimal. */
  @Matches(/^\d{1,19}$/)
  seq!: string;

  @IsOptional()
  @IsString()
  version?: string;

  @IsOptional()
  @IsString()
  connector?: string;

  @IsOptional()
  @IsString()
  name?: string;
}

/** Which images an operation must have and which it must not. */
function ImagesFitOperation(): PropertyDecorator {
  return ValidateBy({
    name: 'imagesFitOperation',
    validator: {
      validate: (op, args) => imageFault(op as Operation, args?.object as ChangeEventDto) === undefined,
      defaultMessage: (args) => imageFault(args?.value as Operation, args?.object as ChangeEventDto) ?? '',
    },
  });
}

function imageFault(op: Operation, { before, after }: ChangeEventDto): string | undefined {
  switch (op) {
    case 'c':
    case 'u':
    case 'r':
      return after === null ? `op ${op} needs an after image` : undefined;
    case 'd':
      return after === null ? undefined : 'op d has no after image';
    case 't':
      return before === null && after === null ? undefined : 'op t has no images';
    default:
      return undefined; // IsIn says what is wrong with it
  }
}

/** The value of a change event; unknown members are tolerated (Debezium's tools add `transaction` and others). */
export class ChangeEventDto {
  @ValidateIf((event: ChangeEventDto) => event.before !== null)
  @IsObject()
  before!: WireRow | null;

  @ValidateIf((event: ChangeEventDto) => event.after !== null)
  @IsObject()
  after!: WireRow | null;

  @IsIn(operations)
  @ImagesFitOperation()
  op!: Operation;

  @IsObject()
  @ValidateNested()
  source!: EventSourceDto;

  /** UTC milliseconds. */
  @IsInt()
  @Min(0)
  ts_ms!: number;
}
