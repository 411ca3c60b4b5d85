import type { RowSchema } from '@tributary/contract';
import type { RecordSender } from '@tributary/transport';
import { EventEncoder } from './event-encoder';
import type { PublishedSchemas } from './ports';

/** Reads the captured column list of one shape from the source. */
export type LoadShape = (shapeId: number) => Promise<RowSchema | undefined>;

/**
 * The encoders of the shapes that log entries name, and of tables as they are now. An encoder says nothing to Kafka: whoever
 * publishes what it made has the schemas published before.
 */
export class SchemaEncoders {
  readonly #encoders = new Map<number, EventEncoder>();
  readonly #bySchema = new Map<string, EventEncoder>();
  /** Those of the encoders that the schemas topic may not hold yet. */
  readonly #unpublished = new Set<RowSchema>();

  constructor(
    private readonly load: LoadShape,
    private readonly store: Pick<PublishedSchemas, 'get' | 'publish'>,
    private readonly publisher: RecordSender,
    private readonly prefix: string,
    private readonly epoch: number,
  ) {}

  /** `undefined`: the source knows no shape of this id. */
  async encoder(shapeId: number): Promise<EventEncoder | undefined> {
    const known = this.#encoders.get(shapeId);
    if (known) return known;
    const schema = await this.load(shapeId);
    if (!schema) return undefined;
    const encoder = this.encoderOf(schema);
    this.#encoders.set(shapeId, encoder);
    return encoder;
  }

  /** A schema whose encoder was asked for, by its fingerprint. */
  schema(fingerprint: string): RowSchema | undefined {
    return this.#bySchema.get(fingerprint)?.schema;
  }

  /** All schemas whose encoders were asked for. */
  schemas(): RowSchema[] {
    return [...this.#bySchema.values()].map(({ schema }) => schema);
  }

  /** The encoder of a schema that is not named by an entry: a row read from its table. */
  encoderOf(schema: RowSchema): EventEncoder {
    const known = this.#bySchema.get(schema.fingerprint);
    if (known) return known;
    const encoder = new EventEncoder(this.prefix, schema, this.epoch);
    this.#bySchema.set(schema.fingerprint, encoder);
    if (!this.store.get(schema.fingerprint)) this.#unpublished.add(schema);
    return encoder;
  }

  /** Whether `publishSchemas` has something to do. */
  get hasUnpublished(): boolean {
    return this.#unpublished.size > 0;
  }

  /**
   * Resolves when the schemas topic holds the schema of every encoder that was asked for: to be awaited before the first
   * event of one is sent. Two calls at the same time may both publish one, which is right, too.
   */
  async publishSchemas(): Promise<void> {
    const schemas = [...this.#unpublished];
    await Promise.all(schemas.map((schema) => this.store.publish(this.publisher, schema)));
    for (const schema of schemas) this.#unpublished.delete(schema);
  }
}
