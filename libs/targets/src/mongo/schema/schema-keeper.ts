import { errorText } from '@tributary/change-event';
import type { MongoSettings } from '@tributary/sync-config';
import { mongo } from 'mongoose';
import { faultOfCode } from '../mongo-error';
import type { CollectionSchema } from './collection-schema';
import { documentShape, type DocumentShape } from './document-shape';
import type { RowChange } from '../../row-change';

/** Told once a collection: why its validator is left as it is. */
export type SchemaWarning = (message: string) => void;

const UNAUTHORIZED = 13;

/** A server that never takes the validator (no right, no `$jsonSchema`) must not hold the rows up (R15). */
const isRefusal = (error: unknown) =>
  error instanceof mongo.MongoServerError &&
  (error.code === UNAUTHORIZED || faultOfCode(error.code) !== 'transient');

/** Keeps a collection's validator such that it takes every row that a writer is about to write (`mongo.validator`). */
export class SchemaKeeper {
  readonly #taken = new Set<DocumentShape>();
  #left = false;

  constructor(
    private readonly schema: CollectionSchema,
    private readonly namespace: string,
    private readonly warn: SchemaWarning,
  ) {}

  /**
   * Before rows are written: costs nothing once the shapes of their schemas are known. Answers whether the validator was
   * changed.
   */
  admit(changes: Iterable<RowChange>): Promise<boolean> {
    return this.#admit(changes, ({ validator }) => validator !== 'off');
  }

  /**
   * After rows were refused: another sink, or a person, may have narrowed the validator since, or a table without one shares
   * the collection with a table that has.
   */
  admitAgain(changes: Iterable<RowChange>): Promise<boolean> {
    this.#taken.clear();
    return this.#admit(changes, ({ shared }) => !shared);
  }

  async #admit(
    changes: Iterable<RowChange>,
    concerns: (settings: MongoSettings) => boolean,
  ): Promise<boolean> {
    let changed = false;
    let last: RowChange['schema'] | undefined;
    for (const { schema, table } of changes) {
      if (schema === last || !concerns(table.mongo)) continue;
      last = schema;
      const shape = documentShape(schema, table);
      if (!this.#left && !this.#taken.has(shape))
        changed = (await this.#widen(shape, table.mongo.validator)) || changed;
    }
    return changed;
  }

  async #widen(shape: DocumentShape, wanted: MongoSettings['validator']): Promise<boolean> {
    try {
      const result = await this.schema.widen(shape, wanted);
      if (result !== 'foreign') this.#taken.add(shape);
      else if (wanted !== 'off')
        this.#leave('has a validator that Tributary did not make, which stays: mongo.validator is not kept');
      return result === 'changed';
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.#leave(
        `gets no validator, since the server refuses it: ${errorText(error)}; where that is a right, grant the sink's account collMod (role dbAdmin) and restart it, or run tributary targets install with an account that has it`,
      );
      return false;
    }
  }

  #leave(why: string): void {
    this.#left = true;
    this.warn(`${this.namespace} ${why}.`);
  }
}
