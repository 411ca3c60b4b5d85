import { mendMissingCodecs } from '@tributary/transport-kafkajs';
import { Kafka, logLevel, type KafkaMessage, type Message } from 'kafkajs';
import { Stopwatch, type Floor } from './stopwatch';

/** Messages that are kept in memory to be produced again and again. */
const SAMPLE = 20_000;
const SEND = 1000;

/** The client as it comes, but for the codec of the topics, without which it reads none of them. */
function open(brokers: string): Kafka {
  mendMissingCodecs();
  return new Kafka({ brokers: brokers.split(','), clientId: 'bench-floor', logLevel: logLevel.ERROR });
}

/** Reads `count` messages of the topic from its beginning, by batches, and keeps a sample of them. */
export async function kafkaConsumeFloor(
  brokers: string,
  topic: string,
  count: number,
): Promise<{ floor: Floor; sample: Message[] }> {
  const consumer = open(brokers).consumer({ groupId: 'bench-floor', maxWaitTimeInMs: 200 });
  const watch = new Stopwatch();
  const sample: Message[] = [];
  let seen = 0;
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    let began!: () => void;
    let ended!: () => void;
    const first = new Promise<void>((resolve) => (began = resolve));
    const last = new Promise<void>((resolve) => (ended = resolve));
    await consumer.run({
      eachBatch: async ({ batch }) => {
        began();
        for (const message of batch.messages) if (sample.length < SAMPLE) sample.push(copyOf(message));
        seen += batch.messages.length;
        if (seen >= count) ended();
      },
    });
    await first;
    await watch.time(() => last);
  } finally {
    await consumer.disconnect();
  }
  return { floor: watch.floor(seen), sample };
}

/** Without the fetch's memory, which a view of it would keep alive. */
const copyOf = ({ key, value, headers }: KafkaMessage): Message => ({
  key: key && Buffer.from(key),
  value: value && Buffer.from(value),
  headers: Object.fromEntries(Object.entries(headers ?? {}).map(([name, text]) => [name, String(text)])),
});

/** Produces `count` messages like the sample's to a topic of its own, acks=all, one request at a time. */
export async function kafkaProduceFloor(
  brokers: string,
  sample: readonly Message[],
  count: number,
): Promise<Floor> {
  const topic = 'bench-floor';
  const kafka = open(brokers);
  const admin = kafka.admin();
  const producer = kafka.producer({ maxInFlightRequests: 1, allowAutoTopicCreation: false });
  const watch = new Stopwatch();
  let sent = 0;
  try {
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 12 }], waitForLeaders: true });
    await producer.connect();
    while (sent < count) {
      const from = sent % Math.max(1, sample.length - SEND);
      const messages = sample.slice(from, from + SEND);
      await watch.time(() => producer.send({ topic, acks: -1, messages }));
      sent += messages.length;
    }
    await admin.deleteTopics({ topics: [topic] });
  } finally {
    await Promise.all([producer.disconnect(), admin.disconnect()]);
  }
  return watch.floor(sent);
}
