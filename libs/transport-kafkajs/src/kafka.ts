import net from 'node:net';
import tls from 'node:tls';
import type { Compression } from '@tributary/sync-config';
import { Kafka as Client, logLevel, type ISocketFactoryArgs, type SASLOptions } from 'kafkajs';
import { clientLog } from './kafka-log';
import type { KafkaSettings, Log } from '@tributary/transport';
import { applyKafkajsPatches } from './patches';

/** Settings, log and client of one Kafka cluster. It holds no connection itself. */
export class Kafka {
  /** The brokers as in KAFKA_BROKERS, for messages. */
  readonly brokers: string;
  /** For this library, and for tests of what the ports do not show. */
  readonly client: Client;
  /** Partitions that are ours, of every topic; Infinity: all that there are. */
  readonly partitions: number;
  readonly compression: Compression;
  readonly #settings: KafkaSettings;

  constructor(
    settings: KafkaSettings,
    readonly log: Log,
  ) {
    this.#settings = settings;
    this.brokers = settings.brokers.join(',');
    this.partitions = settings.partitions ?? Infinity;
    this.compression = settings.compression ?? 'lz4';
    this.client = this.clientThatRetries(5);
  }

  /** A client whose requests are repeated `retries` times, with delays that double from 0.1 s to 2 s. */
  clientThatRetries(retries: number): Client {
    applyKafkajsPatches();
    const { brokers, clientId, ssl, sasl } = this.#settings;
    return new Client({
      brokers,
      clientId,
      ...(ssl !== undefined && { ssl }),
      ...(sasl && { sasl: sasl as SASLOptions }),
      connectionTimeout: 3000,
      authenticationTimeout: 10_000,
      requestTimeout: 30_000,
      // Set in full: the client has other defaults under NODE_ENV=test.
      retry: { initialRetryTime: 100, maxRetryTime: 2000, factor: 0.2, multiplier: 2, retries },
      socketFactory,
      logLevel: logLevel.INFO,
      logCreator: () => clientLog(this.log),
    });
  }
}

/** The client's own factory leaves Nagle's algorithm on, which holds small requests back for a round trip. */
function socketFactory({ host, port, ssl, onConnect }: ISocketFactoryArgs): net.Socket {
  const socket = ssl
    ? tls.connect({ host, port, ...(net.isIP(host) ? {} : { servername: host }), ...ssl }, onConnect)
    : net.connect({ host, port }, onConnect);
  socket.setNoDelay(true);
  socket.setKeepAlive(true, 60_000);
  return socket;
}
