import { createHash } from 'node:crypto';
import type { Column, RowSchema } from '@tributary/contract';
import { bindFilter } from './bind-filter';
import { crcExpression, insertImages, insertKeys } from './capture-tables';
import type { TablePlan } from './describe';
import { imageExpression } from './expressions';
import { quoteIdentifier } from './identifiers';
import { guardedImage } from './image-guard';
import { noDoubts, type Doubts } from './ignore-statements';
import { keyOf } from './row-key';
import { sealOf } from './shape-seals';
import { withNaturalId } from './trigger-frame';

/** Insert, update and delete of a row itself. */
export const rowEvents = ['i', 'u', 'd'] as const;
export type RowEvent = (typeof rowEvents)[number];
/** Also x, a delete that cascades, y and z, an update that cascades, before and after it (see cascades.ts). */
export type TriggerEvent = RowEvent | 'x' | 'y' | 'z';

export const eventNames: Record<TriggerEvent, string> = {
  i: 'AFTER INSERT',
  u: 'AFTER UPDATE',
  d: 'AFTER DELETE',
  x: 'BEFORE DELETE',
  y: 'BEFORE UPDATE',
  z: 'AFTER UPDATE',
};

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
  /** `sealOf` the shape. */
  readonly seal?: number;
}

/** The target of a table's triggers. */
export const targetOf = (captureSchema: string, shapeId: number, schema: RowSchema): TriggerTarget => ({
  captureSchema,
  shapeId,
  seal: sealOf(schema),
});

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
    const [key, after, is] = this.#names('key', 'after', 'is');
    return [
      declareTexts(key, after),
      ...this.#declareFilter(is),
      ...guarded([[key, this.#key('NEW')]]),
      ...guarded([[after, this.#image('NEW')]]),
      ...this.#filter([[is, 'NEW']], [after]),
      ...this.#unlessUnkeyed([key], is, [this.#log('c', key, 'NULL', after)]),
    ];
  }

  delete(): string[] {
    const [key, before, is] = this.#names('key', 'before', 'is');
    return [
      declareTexts(key, before),
      ...this.#declareFilter(is),
      ...guarded([[key, this.#key('OLD')]]),
      ...(this.#plan.settings.before ? guarded([[before, this.#image('OLD')]]) : []),
      ...this.#filter([[is, 'OLD']], []),
      // Of a change without image the relay reads what the row is now.
      ...this.#unlessUnkeyed([key], is, [this.#log(this.#doubts.deletes ? 'u' : 'd', key, before, 'NULL')]),
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
    const images: Assignment[] = [
      [before, this.#image('OLD')],
      [after, this.#image('NEW')],
    ];
    return [
      declareTexts(oldKey, key, before, after),
      ...this.#declareFilter(was, is),
      ...this.#declareDoubt(),
      ...guarded([
        [oldKey, this.#key('OLD')],
        [key, this.#key('NEW')],
      ]),
      ...guarded(images),
      ...this.#filter(
        [
          [was, 'OLD'],
          [is, 'NEW'],
        ],
        [after],
      ),
      ...this.#unlessUnkeyed([oldKey, key], where === null ? '' : `${was} OR ${is}`, [
        ...this.#doubted(sameKey, oldKey, key, logged),
        `IF ${sameKey}${where === null ? '' : ` AND ${was} AND ${is}`} THEN`,
        `  IF ${changed} THEN ${this.#log('u', key, logged, after)} END IF;`,
        'ELSE',
        where === null ? `  ${gone}` : `  IF ${was} THEN ${gone} END IF;`,
        where === null ? `  ${come}` : `  IF ${is} THEN ${come} END IF;`,
        'END IF;',
        ...(this.#doubts.columns.length > 0 ? ['END IF;'] : []),
      ]),
    ];
  }

  #declareDoubt(): string[] {
    const { columns } = this.#doubts;
    const [doubt] = this.#names('doubt');
    const same = (name: string) => `OLD.${quoteIdentifier(name)} <=> NEW.${quoteIdentifier(name)}`;
    if (columns.length === 0) return [];
    return [
      `DECLARE ${doubt} BOOL DEFAULT TRUE;`,
      ...guarded([[doubt, `NOT (${columns.map(same).join(' AND ')})`]], 'TRUE'),
    ];
  }

  /** A change that may not have happened: the rows of both keys are to be read again. */
  #doubted(sameKey: string, oldKey: string, key: string, before: string): string[] {
    const [doubt] = this.#names('doubt');
    if (this.#doubts.columns.length === 0) return [];
    return [
      `IF ${doubt} THEN`,
      `  ${this.#log('u', oldKey, before, 'NULL')}`,
      `  IF NOT (${sameKey}) THEN ${this.#log('u', key, 'NULL', 'NULL')} END IF;`,
      'ELSE',
    ];
  }

  #names<const T extends readonly string[]>(...names: T): { [K in keyof T]: string } {
    return names.map((name) => `\`tributary$${name}\``) as { [K in keyof T]: string };
  }

  #key(row: Row): string {
    return imageExpression(keyOf(this.#plan), refTo(row), this.#plan.flavour);
  }

  #image(row: Row): string {
    return guardedImage(this.#plan, refTo(row));
  }

  #declareFilter(...flags: string[]): string[] {
    return this.#plan.settings.where === null ? [] : [`DECLARE ${flags.join(', ')} BOOL;`];
  }

  /** Where a filter can no longer be computed the row counts as inside, without image: the relay reads it again. */
  #filter(flags: readonly (readonly [flag: string, row: Row])[], images: readonly string[]): string[] {
    if (this.#plan.settings.where === null) return [];
    const lost = [...flags.map(([flag]) => `${flag} = TRUE`), ...images.map((image) => `${image} = NULL`)];
    return handled(
      lost,
      flags.map(([flag, row]) => [flag, whereOf(this.#plan, row)] as const),
    );
  }

  /** `inside`: the condition of rows that are captured at all, when there is a row filter. */
  #unlessUnkeyed(keys: readonly string[], inside: string, statements: readonly string[]): string[] {
    const filter = this.#plan.settings.where === null ? 'ELSE' : `ELSEIF ${inside} THEN`;
    return [
      `IF ${keys.map((key) => `${key} IS NULL`).join(' OR ')} THEN`,
      `  ${withNaturalId(unkeyedStatement(this.#target), this.#plan.flavour)}`,
      filter,
      ...statements.map((statement) => `  ${statement}`),
      'END IF;',
    ];
  }

  #log(op: string, key: string, before: string, after: string): string {
    const { captureSchema, shapeId, seal } = this.#target;
    const insert =
      `${insertImages(captureSchema)} VALUES ` +
      `(${shapeId}, '${op}', ${key}, ${before}, ${after}, ${crcExpression(key, before, after, seal)}, UTC_TIMESTAMP(6));`;
    return withNaturalId(insert, this.#plan.flavour);
  }
}

type Assignment = readonly [variable: string, expression: string];

const declareTexts = (...names: string[]) => `DECLARE ${names.join(', ')} LONGTEXT CHARACTER SET utf8mb4;`;

/** Assigns what can be computed, else `fallback`. */
const guarded = (assignments: readonly Assignment[], fallback = 'NULL') =>
  handled(
    assignments.map(([variable]) => `${variable} = ${fallback}`),
    assignments,
  );

/**
 * Whatever an expression meets, a column that an ALTER took away above all, must not fail the application's write. The
 * handler covers nothing but expressions: a change that cannot be logged must fail, or it would be missed silently.
 */
function handled(otherwise: readonly string[], assignments: readonly Assignment[]): string[] {
  return [
    'BEGIN',
    `  DECLARE EXIT HANDLER FOR SQLEXCEPTION SET ${otherwise.join(', ')};`,
    `  SET ${assignments.map(([variable, expression]) => `${variable} = ${expression}`).join(', ')};`,
    'END;',
  ];
}

/** Logs that a row has changed whose key cannot be told any more: the table is to be loaded again. */
export const unkeyedStatement = ({ captureSchema, shapeId, seal }: TriggerTarget) =>
  `${insertKeys(captureSchema)} VALUES ` +
  `(${shapeId}, 'k', '[]', ${crcExpression("'[]'", 'NULL', 'NULL', seal)}, UTC_TIMESTAMP(6));`;

/** Whether a row is captured by the row filter: a condition on NULL is not true. */
export const whereOf = (plan: TablePlan, row: Row): string =>
  `IFNULL(${bindFilter(plan, row).condition}, FALSE)`;

export const refTo = (row: Row) => (column: Column) => `${row}.${quoteIdentifier(column.name)}`;
