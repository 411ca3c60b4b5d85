import { rowSchema, type RowSchema } from '@tributary/contract';
import { errorText } from '@tributary/kernel';
import { backoffMs, pause } from '@tributary/kernel';
import {
  type InRecord,
  type Log,
  type RecordSender,
  type TopicReader,
  type TopicWatch,
  type Transport,
} from '@tributary/transport';

const POLL_MS = 1000;
const NEGATIVE_MS = 5000;
/** How long a schema that may have been lost with its topic is waited for: a relay publishes it again within seconds. */
const AWAITED_MS = 90_000;

/** The row schemas of a pipeline: reads the compacted topic whole at start and follows it. */
export class SchemaStore {
  readonly #transport: Pick<Transport, 'reader' | 'watch'>;
  readonly #topic: string;
  readonly #log: Log;
  readonly #stop = new AbortController();
  readonly #schemas = new Map<string, RowSchema>();
  /** Until when (`performance.now`: a clock that is set back must not keep it) an unknown fingerprint is answered from memory. */
  readonly #unknown = new Map<string, number>();
  /** When (`performance.now`) an unknown fingerprint was first asked for. */
  readonly #askedAt = new Map<string, number>();
  readonly #watch: TopicWatch;
  #topicId: string | null = null;
  #anewAt = -Infinity;
  #reopen = false;
  #reader: TopicReader | undefined;
  #position = 0n;
  #following: Promise<void> | undefined;
  #waiters: (() => void)[] = [];
  #catchingUp: Promise<void> | undefined;

  constructor(transport: Pick<Transport, 'reader' | 'watch'>, topic: string, log: Log) {
    this.#transport = transport;
    this.#topic = topic;
    this.#log = log;
    this.#watch = transport.watch();
  }

  /** Resolves when everything that the topic held at this moment is known. Throws a SyncError; then it may be called again. */
  async start(): Promise<void> {
    if (!this.#following) {
      await this.#open();
      this.#following = this.#follow();
    }
    await this.#catchUp();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wake();
    // Ends the follower's long poll.
    await this.#reader?.close();
    await this.#following;
    // The follower may have opened another one meanwhile.
    await this.#reader?.close();
    await this.#watch.close();
  }

  /** The id of the topic that was read; `null` where the broker tells none. */
  get topicId(): string | null {
    return this.#topicId;
  }

  get(fingerprint: string): RowSchema | undefined {
    return this.#schemas.get(fingerprint);
  }

  /**
   * The schema of a fingerprint; when it is not known yet, reads up to the topic's present end first. The answer
   * "unknown" holds for 5 s. Throws a SyncError `retry` when Kafka cannot be asked: unknown is never guessed.
   */
  async resolve(fingerprint: string): Promise<RowSchema | undefined> {
    const known = this.#schemas.get(fingerprint);
    if (known || (this.#unknown.get(fingerprint) ?? 0) > performance.now()) return known;
    this.#catchingUp ??= this.#learn(fingerprint).finally(() => (this.#catchingUp = undefined));
    await this.#catchingUp;
    const schema = this.#schemas.get(fingerprint);
    if (!schema) {
      for (const map of [this.#unknown, this.#askedAt]) if (map.size > 10_000) map.clear();
      this.#unknown.set(fingerprint, performance.now() + NEGATIVE_MS);
      if (!this.#askedAt.has(fingerprint)) this.#askedAt.set(fingerprint, performance.now());
    }
    return schema;
  }

  /**
   * Whether an unknown schema of `database.table` may have been lost with its topic, so that nobody is to blame before the
   * relay had time to publish it again: no schema of the table is there, or the topic was made anew a moment ago.
   */
  mayYetCome(fingerprint: string, table: string): boolean {
    const now = performance.now();
    const lost = now - this.#anewAt < AWAITED_MS || this.forTable(table).length === 0;
    return lost && now - (this.#askedAt.get(fingerprint) ?? now) < AWAITED_MS;
  }

  /** All schemas of `database.table`, newest last. */
  forTable(table: string): RowSchema[] {
    return [...this.#schemas.values()].filter((schema) => schema.table === table);
  }

  /** All schemas, the oldest first. */
  all(): RowSchema[] {
    return [...this.#schemas.values()];
  }

  /** Names of all tables that ever had a schema, each once. */
  tables(): Set<string> {
    return new Set([...this.#schemas.values()].map(({ table }) => table));
  }

  /** Makes a schema known to every reader; it must be acknowledged before the first event that names it. */
  async publish(publisher: RecordSender, schema: RowSchema): Promise<void> {
    await publisher.send(this.#topic, [
      { key: schema.fingerprint, value: JSON.stringify(schema), partition: 0 },
    ]);
  }

  /** Catches up, and reads a topic that was made anew from its beginning: it may be as long as the old one by now. */
  async #learn(fingerprint: string): Promise<void> {
    await this.#catchUp();
    if (this.#schemas.has(fingerprint)) return;
    const id = await this.#watch.idOf(this.#topic);
    if (id === null || id === this.#topicId) return;
    this.#reopen = true;
    this.#position = 0n;
    await this.#catchUp();
  }

  /** Waits until the follower has passed what is the topic's end now. */
  async #catchUp(): Promise<void> {
    const end = await this.#end();
    while (this.#position < end && !this.#stop.signal.aborted)
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  /** Asks on a connection of its own: the follower's one is held by its long poll. */
  async #end(): Promise<bigint> {
    const asker = this.#transport.reader(this.#topic);
    try {
      await asker.open();
      return (await asker.offsets('high')).get(0) ?? 0n;
    } finally {
      await asker.close();
    }
  }

  async #open(): Promise<void> {
    await this.#reader?.close();
    this.#reader = this.#transport.reader(this.#topic);
    await this.#reader.open();
    const id = await this.#watch.idOf(this.#topic);
    if (this.#topicId !== null && id !== null && id !== this.#topicId) {
      this.#anewAt = performance.now();
      this.#position = 0n;
    }
    this.#topicId = id ?? this.#topicId;
    const low = (await this.#reader.offsets('low')).get(0) ?? 0n;
    const high = (await this.#reader.offsets('high')).get(0) ?? 0n;
    // A position past the end means that the topic was made anew.
    if (this.#position < low || this.#position > high) this.#position = low;
  }

  async #follow(): Promise<void> {
    for (let failed = 0; !this.#stop.signal.aborted;) {
      try {
        if (failed > 0 || this.#reopen) {
          this.#reopen = false;
          await this.#open();
        }
        const positions = new Map([[0, this.#position]]);
        const fetched = await this.#reader!.fetch(positions, POLL_MS);
        for (const record of fetched.get(0) ?? []) this.#take(record);
        if (this.#reopen) continue;
        this.#position = positions.get(0)!;
        failed = 0;
        this.#wake();
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        failed += 1;
        if (failed === 1) this.#log.warn({ topic: this.#topic }, `Schemas wait: ${errorText(error)}`);
        await pause(backoffMs(failed, 200, 5000), this.#stop.signal);
      }
    }
  }

  #take({ key, value, offset }: InRecord): void {
    if (key === null) return;
    const fingerprint = key.toString('utf8');
    // Taken out and put back, so that the map's order is the order of publication.
    this.#schemas.delete(fingerprint);
    this.#unknown.delete(fingerprint);
    const schema = value && parseSchema(value);
    if (schema && schema.fingerprint === fingerprint) this.#schemas.set(fingerprint, schema);
    else if (value)
      this.#log.error(
        { topic: this.#topic, offset },
        'A record of the schema topic holds no schema and is skipped',
      );
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }
}

/** `undefined` also for one that is not what its fingerprint says: a wrong or damaged one must stand for no table. */
function parseSchema(value: Buffer): RowSchema | undefined {
  try {
    const schema = JSON.parse(value.toString('utf8')) as Partial<RowSchema> | null;
    return schema &&
      typeof schema.table === 'string' &&
      Array.isArray(schema.columns) &&
      Array.isArray(schema.key) &&
      rowSchema(schema as RowSchema).fingerprint === schema.fingerprint
      ? (schema as RowSchema)
      : undefined;
  } catch {
    return undefined;
  }
}
