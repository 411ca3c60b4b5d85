import { columnKinds, rowSchema, type RowSchema } from '@tributary/contract';
import { transient } from '@tributary/kernel';
import type { SchemaStore } from '@tributary/topics';

/**
 * The schemas topic as the validator takes it: a schema counts only when its fingerprint is that of its content,
 * so that a wrong or damaged one cannot wave bad rows through.
 */
export class TrustedSchemas {
  readonly #checked = new WeakMap<RowSchema, boolean>();

  constructor(private readonly store: Pick<SchemaStore, 'get' | 'resolve' | 'forTable' | 'mayYetCome'>) {}

  /** Throws a SyncError `retry` when a newer release wrote the schema: then nobody is to blame but our age. */
  get(fingerprint: string): RowSchema | undefined {
    const schema = this.store.get(fingerprint);
    if (!schema) return undefined;
    let sound = this.#checked.get(schema);
    if (sound === undefined) this.#checked.set(schema, (sound = isSound(schema)));
    return sound ? schema : undefined;
  }

  /** Reads up to the present end of the topic for fingerprints that are unknown. Throws a SyncError `retry`. */
  async learn(fingerprints: readonly string[]): Promise<void> {
    await Promise.all(fingerprints.map((fingerprint) => this.store.resolve(fingerprint)));
  }

  /** Whether a schema that nobody has published may have been lost with its topic, and be published again soon. */
  mayYetCome(fingerprint: string, table: string): boolean {
    return this.store.get(fingerprint) === undefined && this.store.mayYetCome(fingerprint, table);
  }

  /** Whether some schema of `database.table` has been published, whatever names messages carry. */
  has(table: string): boolean {
    return this.store.forTable(table).length > 0;
  }
}

function isSound(schema: RowSchema): boolean {
  try {
    if (rowSchema(schema).fingerprint !== schema.fingerprint) return false;
  } catch {
    return false;
  }
  const unknown = schema.columns.find(({ kind }) => !columnKinds.includes(kind));
  if (unknown)
    throw transient(
      'NEWER_SCHEMA',
      `Column ${unknown.name} of ${schema.table} has the unknown kind ${unknown.kind}: update the validator to the relay's release.`,
    );
  return schema.key.every((field) => schema.columns.some((column) => column.field === field));
}
