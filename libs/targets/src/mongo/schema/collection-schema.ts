import { transient } from '@tributary/kernel';
import type { MongoSettings } from '@tributary/sync-config';
import type { mongo } from 'mongoose';
import { unionOf, covers, sameShape, type DocumentShape } from './document-shape';
import { shapeOf, validatorOf } from './json-schema';

/** What the server does with a document of another shape. */
export type SchemaAction = Exclude<MongoSettings['validator'], 'off'>;

/** The validator of a collection: none, one that we made, or one of somebody else's, which is never changed. */
export type HeldSchema =
  | { readonly kind: 'none'; readonly exists: boolean }
  | { readonly kind: 'ours'; readonly shape: DocumentShape; readonly action: SchemaAction }
  | { readonly kind: 'foreign' };

const NAMESPACE_EXISTS = 48;
/** Several sinks may change one collection at a time, each from what it read before. */
const TRIES = 5;

/** The `$jsonSchema` validator of one target collection. */
export class CollectionSchema {
  constructor(
    private readonly db: mongo.Db,
    private readonly name: string,
  ) {}

  async read(): Promise<HeldSchema> {
    const [found] = await this.db
      .listCollections({ name: this.name }, { readPreference: 'primary' })
      .toArray();
    if (!found) return { kind: 'none', exists: false };
    const { validator, validationAction } = ((found as mongo.CollectionInfo).options ?? {}) as {
      validator?: object;
      validationAction?: string;
    };
    if (!validator || Object.keys(validator).length === 0) return { kind: 'none', exists: true };
    const shape = shapeOf(validator);
    if (!shape) return { kind: 'foreign' };
    return { kind: 'ours', shape, action: validationAction === 'warn' ? 'warn' : 'error' };
  }

  /**
   * Makes the collection take documents of this shape beside all that it takes already; a foreign validator stays.
   * `off`: only where there is a validator of ours, which another table wants that goes to the same collection. What is
   * `error` already never becomes `warn` by it. `lost`: the server takes a validator and has none afterwards. Throws a
   * SyncError `retry` when others keep changing it.
   */
  async widen(
    shape: DocumentShape,
    wanted: MongoSettings['validator'],
  ): Promise<'changed' | 'kept' | 'foreign' | 'lost'> {
    for (let tries = 0; tries <= TRIES; tries += 1) {
      const held = await this.read();
      if (tries === TRIES && held.kind === 'none') return 'lost';
      if (held.kind === 'foreign') return 'foreign';
      const action =
        held.kind === 'ours' && (wanted === 'off' || held.action === 'error') ? held.action : wanted;
      if (action === 'off') return 'kept';
      if (held.kind === 'ours' && held.action === action && covers(held.shape, shape))
        return tries === 0 ? 'kept' : 'changed';
      await this.#write(held.kind === 'ours' ? unionOf(held.shape, shape) : shape, action, held);
    }
    throw transient('MONGODB', `The validator of ${this.name} is being changed by others; trying again.`);
  }

  /** Makes the collection take documents of this shape and no others. Answers whether anything was changed. */
  async replace(shape: DocumentShape, action: SchemaAction): Promise<boolean> {
    const held = await this.read();
    if (held.kind === 'foreign') return false;
    if (held.kind === 'ours' && held.action === action && sameShape(held.shape, shape)) return false;
    await this.#write(shape, action, held);
    return true;
  }

  /** Takes a validator of ours away. Answers whether there was one. */
  async remove(): Promise<boolean> {
    if ((await this.read()).kind !== 'ours') return false;
    await this.db.command({ collMod: this.name, validator: {}, validationAction: 'error' });
    return true;
  }

  /** Never with the collection's creation: an account that may not change a validator later must not make one. */
  async #write(shape: DocumentShape, action: SchemaAction, held: HeldSchema): Promise<void> {
    const options = { validator: validatorOf(shape), validationAction: action, validationLevel: 'strict' };
    try {
      if (held.kind === 'none' && !held.exists) await this.db.createCollection(this.name);
    } catch (error) {
      // Another sink made it meanwhile.
      if ((error as { code?: unknown }).code !== NAMESPACE_EXISTS) throw error;
    }
    await this.db.command({ collMod: this.name, ...options });
  }
}
