import { kafkaConsumeFloor, kafkaProduceFloor } from './kafka-floor';
import { mysqlFloor } from './mysql-floor';
import type { Floor } from './stopwatch';
import { mongoFloor, redisFloor } from './target-floors';

export const floorNames = [
  'mysql2 streaming SELECT',
  'kafkajs produce',
  'kafkajs eachBatch',
  'MongoDB bulk upsert',
  'Redis pipelined HSET',
] as const;
export type FloorName = (typeof floorNames)[number];
export type Floors = Readonly<Record<FloorName, Floor>>;

/** Enough for a steady rate; a slow server need not do all rows of a long run again. */
const MOST_WRITES = 500_000;

export interface FloorOptions {
  readonly servers: {
    ADMIN_MYSQL_URL: string;
    KAFKA_BROKERS: string;
    MONGODB_URI: string;
    REDIS_URL: string;
  };
  readonly rows: number;
  readonly topic: string;
  readonly say: (line: string) => void;
}

/** Plain driver loops over the same rows and message bytes, on the same servers. */
export async function measureFloors({ servers, rows, topic, say }: FloorOptions): Promise<Floors> {
  const writes = Math.min(rows, MOST_WRITES);
  say('  mysql2 streaming SELECT');
  const mysql = await mysqlFloor(servers.ADMIN_MYSQL_URL);
  say('  kafkajs consume, then produce');
  const { floor: consume, sample } = await kafkaConsumeFloor(servers.KAFKA_BROKERS, topic, writes);
  const produce = await kafkaProduceFloor(servers.KAFKA_BROKERS, sample, writes);
  say('  Redis pipelined HSET');
  const redis = await redisFloor(servers.REDIS_URL, writes);
  say('  MongoDB bulk upsert');
  const mongo = await mongoFloor(servers.MONGODB_URI, writes);
  return {
    'mysql2 streaming SELECT': mysql,
    'kafkajs produce': produce,
    'kafkajs eachBatch': consume,
    'MongoDB bulk upsert': mongo,
    'Redis pipelined HSET': redis,
  };
}
