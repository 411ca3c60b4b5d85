import { crcExpression, insertImages } from './capture-tables';
import type { TablePlan } from './describe';
import { quoteIdentifier } from './identifiers';
import { roomyImage, roomyPacket, tooLong } from './image-guard';
import { imageText } from './image-text';
import { noDoubts, type Doubts } from './ignore-statements';
import { keyOf } from './row-key';
import { sameBytes } from './same-bytes';
import { refTo, whereOf, type RowEvent, type TriggerTarget } from './trigger-sql';

/**
 * The change that a trigger sees nearly always, logged by one statement without a variable: every further statement of
 * a trigger costs about as much as the image of a narrow row. Its parts may fail, or the statement may: then the
 * trigger's own block, which can do everything, is run from the start.
 */
export interface UsualChange {
  /** SQL, all true for a change that `insert` logs as the own block would. */
  readonly condition: readonly string[];
  /** SQL, true where there is nothing to log; `null`: there always is. */
  readonly idle: string | null;
  readonly insert: string;
}

type Row = 'NEW' | 'OLD';

/** The usual insert, update that keeps the row's key, or delete. */
export function usualChange(
  plan: TablePlan,
  event: RowEvent,
  target: TriggerTarget,
  doubts: Doubts = noDoubts,
): UsualChange {
  const { flavour, settings } = plan;
  const filtered = settings.where !== null;
  const outside = (row: Row) => `(NOT ${whereOf(plan, row)})`;
  const image = (row: Row) => roomyImage(plan, refTo(row));
  const before = settings.before ? image('OLD') : 'NULL';
  const log = (op: string, row: Row, was: string, is: string) =>
    logged(plan, target, { op, key: imageText(keyOf(plan), refTo(row), flavour), was, is });
  const packet = roomyPacket(plan);
  const fits = packet === null ? [] : [packet];
  switch (event) {
    case 'i':
      return {
        condition: fits,
        idle: filtered ? outside('NEW') : null,
        insert: log('c', 'NEW', 'NULL', image('NEW')),
      };
    case 'd':
      return {
        condition: fits,
        idle: filtered ? outside('OLD') : null,
        insert: log(doubts.deletes ? 'u' : 'd', 'OLD', before, 'NULL'),
      };
    case 'u':
      return {
        condition: [
          ...fits,
          sameBytes(keyOf(plan), flavour),
          ...doubts.columns.map((name) => `OLD.${quoteIdentifier(name)} <=> NEW.${quoteIdentifier(name)}`),
          ...(filtered ? [`${outside('OLD')} = ${outside('NEW')}`] : []),
        ],
        idle: `${filtered ? `${outside('NEW')} OR ` : ''}${unchanged(plan)}`,
        insert: log('u', 'NEW', before, image('NEW')),
      };
  }
}

/** A row whose image is left out counts as changed. */
function unchanged(plan: TablePlan): string {
  const long = rows.map((row) => tooLong(plan, refTo(row))).filter((doubt) => doubt !== null);
  const same = sameBytes(plan.schema.columns, plan.flavour);
  return long.length === 0 ? `(${same})` : `(NOT (${long.join(' OR ')}) AND ${same})`;
}

const rows = ['OLD', 'NEW'] as const;

interface Entry {
  readonly op: string;
  readonly key: string;
  readonly was: string;
  readonly is: string;
}

/** The checksum is of what the columns before it have taken (R10): a value may name those that stand before it. */
function logged({ flavour }: TablePlan, target: TriggerTarget, { op, key, was, is }: Entry): string {
  const { captureSchema, shapeId, seal } = target;
  const stored = (column: string, value: string) => (value === 'NULL' ? 'NULL' : column);
  const crc = crcExpression('row_key', stored('before_image', was), stored('after_image', is), seal);
  // So that LAST_INSERT_ID() tells afterwards whether an id was made, see trigger-frame.ts.
  const shape = flavour === 'mysql' ? `LAST_INSERT_ID(0) + ${shapeId}` : shapeId;
  return (
    `${insertImages(captureSchema)} VALUES ` +
    `(${shape}, '${op}', ${key}, ${was}, ${is}, ${crc}, UTC_TIMESTAMP(6));`
  );
}
