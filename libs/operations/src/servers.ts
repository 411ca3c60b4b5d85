import { openMysql, type Connection } from '@tributary/capture';
import { fatal } from '@tributary/kernel';
import { addressOf, readEnv, type Needs, type ServiceEnv } from '@tributary/service';
import type { TargetName } from '@tributary/sync-config';
import type { ConnectedTarget, TargetPlugin } from '@tributary/targets';
import type { Log, Transport } from '@tributary/transport';
import { createKafka } from '@tributary/transport-kafkajs';

/**
 * Opens the servers that use cases need, on first use, until `close`. Where several use cases run in one process, each has
 * a `scope` of its own.
 */
export class Servers {
  readonly env: ServiceEnv;
  readonly #closers: (() => Promise<unknown>)[] = [];
  readonly #targets = new Map<TargetName, Promise<ConnectedTarget>>();
  #kafka: Transport | undefined;
  #closed = false;

  constructor(
    needs: Needs,
    private readonly log: Log,
    variables: NodeJS.ProcessEnv = process.env,
    private readonly shared?: Servers,
  ) {
    this.env = shared?.env ?? readEnv(needs, undefined, variables);
  }

  /** With connections to MySQL of its own, which its `close` ends, and these ones' Kafka and targets, which it leaves open. */
  scope(): Servers {
    return new Servers({}, this.log, {}, this);
  }

  get config() {
    return this.env.config;
  }

  /** A MySQL connection of its own. Throws a SyncError, like the others, also once these are closed. */
  async mysql(): Promise<Connection> {
    const connection = await openMysql(this.env.mysqlUrl);
    if (this.#closed) {
      connection.destroy();
      throw fatal('CLOSED', 'The work ended before its connection to MySQL was there.');
    }
    this.#closers.push(async () => connection.destroy());
    return connection;
  }

  get kafka(): Transport {
    if (this.shared) return this.shared.kafka;
    const { partitions, compression } = this.config;
    const settings = { ...this.env.kafka, clientId: 'tributary-cli', partitions, compression };
    return (this.#kafka ??= createKafka(settings, this.log));
  }

  /** The one connection to a target; one that could not be made is tried again when it is asked for again. */
  target(target: TargetPlugin): Promise<ConnectedTarget> {
    if (this.shared) return this.shared.target(target);
    let connected = this.#targets.get(target.name);
    if (!connected) {
      this.#targets.set(target.name, (connected = this.#connect(target)));
      connected.catch(() => this.#targets.delete(target.name));
    }
    return connected;
  }

  async #connect(target: TargetPlugin): Promise<ConnectedTarget> {
    const connected = await target.connect(addressOf(this.env, target), {
      onLost: ({ message }) =>
        this.log.warn({ reason: message }, `The connection to ${target.spec.title} has failed`),
      onWarning: (code, message) => this.log.warn({ code }, message),
    });
    this.#closers.push(() => connected.writer.close());
    return connected;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#closers.map((close) => close()));
  }
}
