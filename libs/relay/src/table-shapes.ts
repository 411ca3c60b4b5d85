import type { RowSchema } from '@tributary/change-event';
import { EventEncoder } from './event-encoder';
import type { PublishedSchemas, RecordPublisher } from './ports';

/** Reads the captured column list of one shape from the source. */
export type LoadShape = (shapeId: number) => Promise<RowSchema | undefined>;

/**
 * The encoders of the shapes that log entries name. A shape's schema is on the schemas topic before the first
 * event that carries its fingerprint.
 */
export class TableShapes {
  readonly #encoders = new Map<number, EventEncoder>();
  readonly #bySchema = new Map<string, EventEncoder>();

  constructor(
    private readonly load: LoadShape,
    private readonly store: Pick<PublishedSchemas, 'get' | 'publish'>,
    private readonly publisher: RecordPublisher,
    private readonly prefix: string,
    private readonly epoch: number,
  ) {}

  /** `undefined`: the source knows no shape of this id. */
  async encoder(shapeId: number): Promise<EventEncoder | undefined> {
    const known = this.#encoders.get(shapeId);
    if (known) return known;
    const schema = await this.load(shapeId);
    if (!schema) return undefined;
    const encoder = await this.encoderOf(schema);
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
  async encoderOf(schema: RowSchema): Promise<EventEncoder> {
    const known = this.#bySchema.get(schema.fingerprint);
    if (known) return known;
    if (!this.store.get(schema.fingerprint)) await this.store.publish(this.publisher, schema);
    const encoder = new EventEncoder(this.prefix, schema, this.epoch);
    this.#bySchema.set(schema.fingerprint, encoder);
    return encoder;
  }
}
