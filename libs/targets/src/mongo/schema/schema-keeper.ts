import { errorText } from '@tributary/change-event';
import { mongo } from 'mongoose';
import { faultOfCode } from '../mongo-error';
import type { CollectionSchema, SchemaAction } from './collection-schema';
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
  async admit(changes: Iterable<RowChange>): Promise<boolean> {
    let changed = false;
    let last: RowChange['schema'] | undefined;
    for (const { schema, table } of changes) {
      if (schema === last || table.mongo.validator === 'off') continue;
      last = schema;
      const shape = documentShape(schema, table);
      if (!this.#left && !this.#taken.has(shape))
        changed = (await this.#widen(shape, table.mongo.validator)) || changed;
    }
    return changed;
  }

  /** After rows were refused: another sink, or a person, may have narrowed the validator since. */
  admitAgain(changes: Iterable<RowChange>): Promise<boolean> {
    this.#taken.clear();
    return this.admit(changes);
  }

  async #widen(shape: DocumentShape, action: SchemaAction): Promise<boolean> {
    try {
      const result = await this.schema.widen(shape, action);
      if (result === 'foreign')
        this.#leave('has a validator that Tributary did not make, which stays: mongo.validator is not kept');
      else this.#taken.add(shape);
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
