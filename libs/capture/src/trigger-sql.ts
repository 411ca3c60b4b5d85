import { createHash } from 'node:crypto';
import type { Column } from '@tributary/change-event';
import { bindFilter } from './bind-filter';
import { isLong } from './column-type';
import type { TablePlan } from './describe';
import { imageExpression } from './expressions';
import { quoteIdentifier } from './identifiers';
import { noDoubts, type Doubts } from './phantoms';
import { keyOf } from './row-key';

/** Insert, update and delete of a row itself. */
export const rowEvents = ['i', 'u', 'd'] as const;
export type RowEvent = (typeof rowEvents)[number];
/** Also x, a delete that cascades, and y, an update that cascades (see cascades.ts). */
export type TriggerEvent = RowEvent | 'x' | 'y';

export const eventNames: Record<TriggerEvent, string> = {
  i: 'AFTER INSERT',
  u: 'AFTER UPDATE',
  d: 'AFTER DELETE',
  x: 'BEFORE DELETE',
  y: 'BEFORE UPDATE',
};

/** Rows whose long columns hold more bytes than this are logged by key only, and read again by the relay. */
export const IMAGE_LIMIT = 256 * 1024;

const shortName = (table: string) =>
  table
    .slice(table.indexOf('.') + 1)
    .replace(/[^A-Za-z0-9_]/g, '')
    .slice(0, 30);

/** Names of a table's triggers without their version; apart from every other table and capture schema. */
export function triggerStem(captureSchema: string, table: string): string {
  const hash = createHash('sha256').update(`${captureSchema}\0${table}`).digest('hex').slice(0, 8);
  return `tributary_${shortName(table)}_${hash}`;
}

/** What a trigger logs: by which shape, and into which database. */
export interface TriggerTarget {
  readonly captureSchema: string;
  readonly shapeId: number;
}

type Row = 'NEW' | 'OLD';

/**
 * The body of one trigger. It reads the same under every session's sql_mode, because a trigger keeps the one that it
 * was created under (''), in which a value that grows too long becomes NULL instead of an error.
 */
export function triggerBody(
  plan: TablePlan,
  event: RowEvent,
  target: TriggerTarget,
  doubts: Doubts = noDoubts,
): string {
  const writer = new BodyWriter(plan, target, doubts);
  const statements = { i: () => writer.insert(), u: () => writer.update(), d: () => writer.delete() }[
    event
  ]();
  return `BEGIN\n  ${statements.join('\n  ')}\nEND`;
}

class BodyWriter {
  readonly #plan: TablePlan;
  readonly #target: TriggerTarget;
  readonly #doubts: Doubts;

  constructor(plan: TablePlan, target: TriggerTarget, doubts: Doubts) {
    this.#plan = plan;
    this.#target = target;
    this.#doubts = doubts;
  }

  insert(): string[] {
    const [key, after] = this.#names('key', 'after');
    return [
      this.#declare(key, after),
      ...this.#filtered('NEW', [
        `SET ${key} = ${this.#key('NEW')}, ${after} = ${this.#image('NEW')};`,
        this.#log('c', key, 'NULL', after),
      ]),
    ];
  }

  delete(): string[] {
    const [key, before] = this.#names('key', 'before');
    return [
      this.#declare(key, before),
      ...this.#filtered('OLD', [
        `SET ${key} = ${this.#key('OLD')}, ${before} = ${this.#before('OLD')};`,
        // Of a change without image the relay reads what the row is now.
        this.#log(this.#doubts.deletes ? 'u' : 'd', key, before, 'NULL'),
      ]),
    ];
  }

  update(): string[] {
    const [oldKey, key, before, after] = this.#names('oldkey', 'key', 'before', 'after');
    const [was, is] = this.#names('was', 'is');
    const { where, before: keepsBefore } = this.#plan.settings;
    const logged = keepsBefore ? before : 'NULL';
    // Without bytes to compare (an image left out) the row counts as changed.
    const changed = `${before} IS NULL OR ${after} IS NULL OR BINARY ${before} <> BINARY ${after}`;
    const sameKey = `BINARY ${oldKey} = BINARY ${key}`;
    const gone = this.#log('d', oldKey, logged, 'NULL');
    const come = this.#log('c', key, 'NULL', after);
    return [
      this.#declare(oldKey, key, before, after),
      ...(where === null
        ? []
        : [
            `DECLARE ${was}, ${is} BOOL;`,
            `SET ${was} = ${this.#where('OLD')}, ${is} = ${this.#where('NEW')};`,
          ]),
      `SET ${oldKey} = ${this.#key('OLD')}, ${key} = ${this.#key('NEW')};`,
      `SET ${before} = ${this.#image('OLD')}, ${after} = ${this.#image('NEW')};`,
      ...this.#doubted(sameKey, oldKey, key, logged, where === null ? '' : ` AND (${was} OR ${is})`),
      `IF ${sameKey}${where === null ? '' : ` AND ${was} AND ${is}`} THEN`,
      `  IF ${changed} THEN ${this.#log('u', key, logged, after)} END IF;`,
      'ELSE',
      where === null ? `  ${gone}` : `  IF ${was} THEN ${gone} END IF;`,
      where === null ? `  ${come}` : `  IF ${is} THEN ${come} END IF;`,
      'END IF;',
      ...(this.#doubts.columns.length > 0 ? ['END IF;'] : []),
    ];
  }

  /** A change that may not have happened: the rows of both keys are to be read again. */
  #doubted(sameKey: string, oldKey: string, key: string, before: string, filtered: string): string[] {
    const { columns } = this.#doubts;
    if (columns.length === 0) return [];
    const same = (name: string) => `OLD.${quoteIdentifier(name)} <=> NEW.${quoteIdentifier(name)}`;
    return [
      `IF NOT (${columns.map(same).join(' AND ')})${filtered} THEN`,
      `  ${this.#log('u', oldKey, before, 'NULL')}`,
      `  IF NOT (${sameKey}) THEN ${this.#log('u', key, 'NULL', 'NULL')} END IF;`,
      'ELSE',
    ];
  }

  #names<const T extends readonly string[]>(...names: T): { [K in keyof T]: string } {
    return names.map((name) => `\`tributary$${name}\``) as { [K in keyof T]: string };
  }

  #declare(...names: string[]): string {
    return `DECLARE ${names.join(', ')} LONGTEXT CHARACTER SET utf8mb4;`;
  }

  #key(row: Row): string {
    return imageExpression(keyOf(this.#plan), refTo(row), this.#plan.flavour);
  }

  #before(row: Row): string {
    return this.#plan.settings.before ? this.#image(row) : 'NULL';
  }

  #image(row: Row): string {
    const { columns } = this.#plan.schema;
    const image = imageExpression(columns, refTo(row), this.#plan.flavour);
    const long = columns.filter(isLong);
    if (long.length === 0) return image;
    const bytes = long.map((column) => `IFNULL(OCTET_LENGTH(${refTo(row)(column)}),0)`).join('+');
    // Hexadecimal doubles a value and JSON may escape a byte with six; no string passes max_allowed_packet.
    return `IF(${bytes} > LEAST(${IMAGE_LIMIT}, @@max_allowed_packet DIV 8), NULL, ${image})`;
  }

  #filtered(row: Row, statements: string[]): string[] {
    if (this.#plan.settings.where === null) return statements;
    return [`IF ${this.#where(row)} THEN`, ...statements.map((statement) => `  ${statement}`), 'END IF;'];
  }

  #where(row: Row): string {
    // A condition on NULL is not true.
    return `IFNULL(${bindFilter(this.#plan, row).condition}, FALSE)`;
  }

  #log(op: string, key: string, before: string, after: string): string {
    const { captureSchema, shapeId } = this.#target;
    return (
      `INSERT INTO ${changeLog(captureSchema)} (shape_id, op, row_key, before_image, after_image, crc, at) VALUES ` +
      `(${shapeId}, '${op}', ${key}, ${before}, ${after}, ${crcExpression(key, before, after)}, UTC_TIMESTAMP(6));`
    );
  }
}

const refTo = (row: Row) => (column: Column) => `${row}.${quoteIdentifier(column.name)}`;

export const changeLog = (captureSchema: string) => `${quoteIdentifier(captureSchema)}.\`change_log\``;

/**
 * The log entry's checksum: CRC-32 of `row_key|before_image|after_image` as stored, an absent image as no bytes
 * (`entryCrc` is the same on this side).
 */
export function crcExpression(key: string, before: string, after: string): string {
  const text = (value: string) => (value === 'NULL' ? `''` : `IFNULL(${value},'')`);
  return `CRC32(CONCAT(${key},'|',${text(before)},'|',${text(after)}))`;
}
