import { errorText } from '@tributary/kernel';
import type { MongoSettings } from '@tributary/sync-config';
import type { RowChange } from '../../row-change';
import { mongoTrouble } from '../mongo-error';
import type { CollectionSchema } from './collection-schema';
import { documentShape, type DocumentShape } from './document-shape';

/** Told once a collection: why its validator is not kept. */
export type ValidatorWarning = (message: string) => void;

/** Codes of a server on which another try changes nothing: no right (AtlasError among them), no such command or stage. */
const REFUSALS = new Set([2, 9, 13, 14, 59, 72, 115, 238, 303, 8000]);
/** Between two tries where one has failed: an index is being built, or a right is missing. */
const PAUSE_MS = 5_000;

/**
 * Keeps a collection's validator such that it takes every row that a writer is about to write (`mongo.validator`). That a
 * validator cannot be made or widened holds up no row (R15), unless one of ours refuses it for now.
 */
export class ValidatorKeeper {
  readonly #taken = new Set<DocumentShape>();
  #warned = false;
  #notBefore = 0;

  constructor(
    private readonly schema: CollectionSchema,
    private readonly namespace: string,
    private readonly warn: ValidatorWarning,
  ) {}

  /** Before rows are written: costs nothing once the shapes of their schemas are known. */
  async admit(changes: Iterable<RowChange>): Promise<void> {
    for (const { shape, wanted } of this.#shapes(changes, ({ validator }) => validator !== 'off')) {
      if (this.#taken.has(shape) || Date.now() < this.#notBefore) continue;
      await this.#widen(shape, wanted).catch((error: unknown) => this.#later(error));
    }
  }

  /**
   * After rows were refused: another sink, or a person, may have narrowed the validator since, or a table without one shares
   * the collection with a table that has. Answers whether the validator was changed. Throws a SyncError `retry` when it
   * cannot be changed for now.
   */
  async admitAgain(changes: Iterable<RowChange>): Promise<boolean> {
    let changed = false;
    for (const { shape, wanted } of this.#shapes(changes, ({ shared }) => !shared))
      try {
        changed = (await this.#widen(shape, wanted)) || changed;
      } catch (error) {
        if (!isRefusal(error)) throw mongoTrouble(error);
        this.#later(error);
      }
    return changed;
  }

  *#shapes(changes: Iterable<RowChange>, concerns: (settings: MongoSettings) => boolean) {
    let last: RowChange['schema'] | undefined;
    for (const { schema, table } of changes) {
      if (schema === last || !concerns(table.mongo)) continue;
      last = schema;
      yield { shape: documentShape(schema, table), wanted: table.mongo.validator };
    }
  }

  async #widen(shape: DocumentShape, wanted: MongoSettings['validator']): Promise<boolean> {
    const result = await this.schema.widen(shape, wanted);
    if (result === 'foreign' && wanted !== 'off')
      this.#warnOnce('has a validator that Tributary did not make, which stays');
    if (result === 'lost') this.#warnOnce('has none after collMod');
    this.#taken.add(shape);
    return result === 'changed';
  }

  #later(error: unknown): void {
    this.#notBefore = Date.now() + PAUSE_MS;
    if (isRefusal(error))
      this.#warnOnce(
        `cannot have it: ${errorText(error)}; grant the sink's account collMod (role dbAdmin), or set mongo.validator: off`,
      );
  }

  #warnOnce(why: string): void {
    if (this.#warned) return;
    this.#warned = true;
    this.warn(`mongo.validator is not kept: ${this.namespace} ${why}.`);
  }
}

const isRefusal = (error: unknown): boolean => REFUSALS.has(Number((error as { code?: unknown }).code));
