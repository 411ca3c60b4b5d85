import type { RowMaker } from './generator';
import { insertStatement, sampleTables, type SampleTable, type Statement } from '@tributary/gh-archive';

/** One thing an application does: a statement on its own, or a transaction. */
export interface ChangeStep {
  readonly kind: StepKind;
  readonly statements: readonly Statement[];
  readonly transaction: 'none' | 'commit' | 'rollback';
  /** Rows that the step changes for good: inserted, updated, deleted, or moved to another key. */
  readonly changes: number;
}

/** What happens, and how often, by weight. */
const weights = {
  insert: 5,
  update: 9,
  delete: 4,
  'key change': 2,
  upsert: 2,
  replace: 1,
  'delete and reinsert': 1,
  'multi-row insert': 1,
  'multi-row update': 1,
  'multi-row delete': 1,
  transaction: 1,
  savepoint: 1,
  rollback: 1,
  'no-op update': 1,
};
export type StepKind = keyof typeof weights;
const lots = (Object.keys(weights) as StepKind[]).flatMap((kind) =>
  Array<StepKind>(weights[kind]).fill(kind),
);

/** Most rows of one step. */
const WIDE = 12;

/**
 * Plans changes to one table over keys that no other writer touches. It keeps book of its keys, so every planned
 * change does change something; equal seeds and keys give equal plans.
 */
export class ChangePlan {
  readonly #table: SampleTable;
  readonly #maker: RowMaker;
  readonly #keys: string[];
  #nextKey: bigint;

  constructor(table: SampleTable, maker: RowMaker, keys: readonly string[], firstNewKey: bigint) {
    this.#table = table;
    this.#maker = maker;
    this.#keys = [...keys];
    this.#nextKey = firstNewKey;
  }

  /** The next step, with at most `limit` changes (at least 1). */
  next(limit: number): ChangeStep {
    // Near the end, and over few keys, only what is sure to fit.
    if (limit < WIDE || this.#keys.length < WIDE) return this.#plan('insert');
    return this.#plan(this.#maker.random.pick(lots));
  }

  #plan(kind: StepKind): ChangeStep {
    const { random } = this.#maker;
    const rows = random.integer(2, WIDE - 3);
    switch (kind) {
      case 'insert':
        return this.#step(kind, [this.#insert(1)], 1);
      case 'multi-row insert':
        return this.#step(kind, [this.#insert(rows)], rows);
      case 'update':
        return this.#step(kind, [this.#update(this.#some(1))], 1);
      case 'multi-row update':
        return this.#step(kind, [this.#update(this.#some(rows))], rows);
      case 'delete':
        return this.#step(kind, [this.#delete(this.#take(1))], 1);
      case 'multi-row delete':
        return this.#step(kind, [this.#delete(this.#take(rows))], rows);
      case 'key change':
        return this.#step(kind, [this.#move()], 1);
      case 'upsert':
        return this.#step(kind, [insertStatement(this.#table, [this.#row(this.#one())])], 1);
      case 'replace':
        return this.#step(kind, [this.#replace(this.#one())], 1);
      case 'delete and reinsert': {
        const key = this.#one();
        const statements = [this.#delete([key]), insertStatement(this.#table, [this.#row(key)])];
        return { kind, statements, transaction: 'commit', changes: 2 };
      }
      case 'transaction': {
        const statements = [
          this.#insert(2),
          this.#update(this.#some(2)),
          this.#delete(this.#take(1)),
          this.#move(),
        ];
        return { kind, statements, transaction: 'commit', changes: 6 };
      }
      case 'savepoint': {
        const undone = [this.#update(this.#some(3)), this.#delete(this.#some(2))];
        const statements = [
          this.#insert(1),
          { sql: 'SAVEPOINT half_way', values: [] },
          ...undone,
          { sql: 'ROLLBACK TO SAVEPOINT half_way', values: [] },
          this.#update(this.#some(1)),
        ];
        return { kind, statements, transaction: 'commit', changes: 2 };
      }
      case 'rollback': {
        const undone = [
          insertStatement(this.#table, [this.#row(this.#newKey())]),
          this.#delete(this.#some(rows)),
        ];
        return { kind, statements: undone, transaction: 'rollback', changes: 0 };
      }
      case 'no-op update': {
        const { name, key } = sampleTables[this.#table];
        const statement = { sql: `UPDATE ${name} SET url = url WHERE ${key} = ?`, values: [this.#one()] };
        return this.#step(kind, [statement], 0);
      }
    }
  }

  #step(kind: StepKind, statements: Statement[], changes: number): ChangeStep {
    return { kind, statements, transaction: 'none', changes };
  }

  #insert(rows: number): Statement {
    const keys = Array.from({ length: rows }, () => this.#newKey());
    this.#keys.push(...keys);
    return insertStatement(
      this.#table,
      keys.map((key) => this.#row(key)),
    );
  }

  #update(keys: string[]): Statement {
    const { name, key } = sampleTables[this.#table];
    const { random } = this.#maker;
    // The first column gets a value that no row had before, so no update is a no-op by chance.
    const [fresh, text, number] =
      this.#table === 'users'
        ? ['gravatar_id', 'bio', 'followers']
        : ['homepage', 'description', 'stargazers_count'];
    this.#nextKey += 1n;
    return {
      sql: `UPDATE ${name} SET ${fresh} = ?, ${text} = ?, ${number} = ${number} DIV 2 + ? WHERE ${key} IN (?)`,
      values: [`change ${this.#nextKey}`, this.#maker.text('changed'), random.integer(1, 1_000), keys],
    };
  }

  #delete(keys: string[]): Statement {
    const { name, key } = sampleTables[this.#table];
    return { sql: `DELETE FROM ${name} WHERE ${key} IN (?)`, values: [keys] };
  }

  /** An update of the key itself. */
  #move(): Statement {
    const { name, key } = sampleTables[this.#table];
    const from = this.#take(1);
    const to = this.#newKey();
    this.#keys.push(to);
    return { sql: `UPDATE ${name} SET ${key} = ? WHERE ${key} IN (?)`, values: [to, from] };
  }

  #replace(key: string): Statement {
    const { sql, values } = insertStatement(this.#table, [this.#row(key)]);
    return { sql: sql.replace('INSERT', 'REPLACE').replace(/ ON DUPLICATE .*/, ''), values };
  }

  #row(key: string): object {
    return this.#table === 'users'
      ? this.#maker.user(key)
      : this.#maker.repository(key, this.#maker.random.chance(0.5) ? key : null);
  }

  #newKey(): string {
    return String(this.#nextKey++);
  }

  #one(): string {
    return this.#maker.random.pick(this.#keys);
  }

  /** Distinct keys that stay. */
  #some(count: number): string[] {
    const keys = this.#take(count);
    this.#keys.push(...keys);
    return keys;
  }

  /** Removes distinct keys from the book. */
  #take(count: number): string[] {
    return Array.from({ length: Math.min(count, this.#keys.length) }, () => {
      const at = this.#maker.random.integer(0, this.#keys.length - 1);
      const key = this.#keys[at] ?? '';
      this.#keys[at] = this.#keys[this.#keys.length - 1] ?? '';
      this.#keys.pop();
      return key;
    });
  }
}
