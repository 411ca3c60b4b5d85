import { openMysql } from '@tributary/capture';
import { consumerGroups } from '@tributary/topics';
import type { Log } from '@tributary/transport';
import { createKafka } from '@tributary/transport-kafkajs';
import { PipelineDrain, usedTargets } from '@tributary/verify';
import type { Pipeline } from './pipeline';

export interface IdleOptions {
  /** Gives up when a stage made no headway for so long; default 60 s. */
  readonly stallMs?: number;
  /** Told how much the stage that is waited for has still to do. */
  readonly onWaiting?: (events: number) => void;
  readonly signal?: AbortSignal;
}

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** Waits until all that was committed before the call has passed every stage; rejects with where it stands still. */
export async function waitUntilIdle(
  { servers, config }: Pipeline,
  { stallMs = 60_000, onWaiting, signal }: IdleOptions = {},
): Promise<void> {
  const kafka = createKafka(
    { brokers: servers.KAFKA_BROKERS.split(','), clientId: 'tributary-demo' },
    silent,
  );
  const connection = await openMysql(servers.MYSQL_URL);
  try {
    const drain = new PipelineDrain({
      ...{ connection, captureSchema: config.captureSchema, admin: kafka.admin() },
      ...{ topics: config.topics, groups: consumerGroups(config), patienceMs: stallMs },
      ...(signal && { signal }),
      onWaiting: (left) => onWaiting?.(Number(left)),
    });
    for (const target of usedTargets(config)) {
      const drained = await drain.wait(target);
      if (!drained.passed) throw new Error(`The pipeline makes no headway: ${drained.why}.`);
    }
  } finally {
    connection.destroy();
  }
}
