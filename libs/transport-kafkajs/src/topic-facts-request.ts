import type { TopicFacts } from '@tributary/transport';

/** What the broker says of a topic that was asked for; `undefined` facts: there is none, or not for this account. */
export interface FoundTopic {
  readonly topic: string;
  readonly error: number;
  readonly facts: TopicFacts | undefined;
}

const METADATA = 3;
/** The first version that tells topic ids (Kafka 2.8); the client library ends at 6. */
export const METADATA_VERSION = 10;
const NO_ID = '0'.repeat(32);

/** A metadata request of version 10 in the form that the client's connections send. */
export function topicFactsRequest(topics: readonly string[]): object {
  return {
    request: {
      apiKey: METADATA,
      apiVersion: METADATA_VERSION,
      apiName: 'Metadata',
      encode: async () => encoded(topics),
    },
    response: {
      decode: async (bytes: Buffer) => ({ found: decodeTopics(bytes), clientSideThrottleTime: 0 }),
      parse: async ({ found }: { found: FoundTopic[] }) => found,
    },
  };
}

/** What the client's senders take for an encoder. */
function encoded(topics: readonly string[]): {
  readonly buf: Buffer;
  readonly buffer: Buffer;
  size(): number;
} {
  const names = topics.map((topic) => Buffer.from(topic));
  const buf = Buffer.concat([
    // The end of the request's head, which holds tagged fields from this version on.
    Buffer.from([0]),
    varint(names.length + 1),
    ...names.flatMap((name) => [Buffer.alloc(16), varint(name.length + 1), name, Buffer.from([0])]),
    // Make no topic, tell no rights of the cluster or of topics, no tagged fields.
    Buffer.from([0, 0, 0, 0]),
  ]);
  return { buf, buffer: buf, size: () => buf.length };
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let left = value; ; left >>>= 7) {
    if (left < 0x80) return Buffer.from([...bytes, left]);
    bytes.push((left & 0x7f) | 0x80);
  }
}

/** The topics of a metadata response of version 10, from behind its correlation id on. */
function decodeTopics(bytes: Buffer): FoundTopic[] {
  const read = new Reader(bytes);
  read.tags();
  read.skip(4); // throttle time
  read.each(() => {
    read.skip(4); // node
    read.text();
    read.skip(4); // port
    read.text();
    read.tags();
  });
  read.text(); // cluster
  read.skip(4); // controller
  return read.each(() => {
    const error = read.int16();
    const topic = read.text() ?? '';
    const id = read.hex(16);
    read.skip(1); // internal
    const partitions = read.each(() => {
      read.skip(2 + 4 + 4 + 4); // error, number, leader, its epoch
      for (let list = 0; list < 3; list += 1) read.each(() => read.skip(4)); // replicas: all, in sync, offline
      read.tags();
    }).length;
    read.skip(4); // rights
    read.tags();
    return {
      topic,
      error,
      facts: error === 0 ? { topic, id: id === NO_ID ? null : id, partitions } : undefined,
    };
  });
}

class Reader {
  #at = 0;

  constructor(private readonly bytes: Buffer) {}

  skip(count: number): void {
    this.#at += count;
  }

  int16(): number {
    this.#at += 2;
    return this.bytes.readInt16BE(this.#at - 2);
  }

  varint(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.bytes.readUInt8(this.#at++);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  }

  text(): string | null {
    const length = this.varint() - 1;
    if (length < 0) return null;
    this.#at += length;
    return this.bytes.toString('utf8', this.#at - length, this.#at);
  }

  hex(count: number): string {
    this.#at += count;
    return this.bytes.toString('hex', this.#at - count, this.#at);
  }

  each<T>(item: () => T): T[] {
    return Array.from({ length: Math.max(0, this.varint() - 1) }, item);
  }

  tags(): void {
    for (let count = this.varint(); count > 0; count -= 1) {
      this.varint();
      this.skip(this.varint());
    }
  }
}
