import { sinkApp, type SyncConfig, type TargetName } from '@tributary/sync-config';
import { ServiceContext } from '@tributary/service';
import {
  targetPlugin,
  type PlaceStore,
  type PositionStore,
  type SweepNoteStore,
  type TargetWriter,
  type TopicIdStore,
} from '@tributary/targets';
import { stackEnv, waitFor } from '@tributary/testing';
import type { Round, RoundContext } from '@tributary/transport';
import { SinkPipeline } from '../src';

export interface RunningSink {
  readonly pipeline: SinkPipeline;
  readonly context: ServiceContext;
  /** Events of the one table and unreadable ones, by outcome. */
  counted(): Promise<Record<string, number>>;
  stop(): Promise<void>;
}

export type SinkStores = [
  target: TargetName,
  writer: TargetWriter,
  positions: (group: string) => PositionStore & TopicIdStore,
  notes: (group: string) => SweepNoteStore,
  places: PlaceStore,
  checkMs?: number,
];

/** Runs a sink as its service does, with these stores; ready when it has joined or says why not. */
export async function startSink(
  config: SyncConfig,
  ...[target, writer, positions, sweepNotes, places, checkMs]: SinkStores
): Promise<RunningSink> {
  const context = new ServiceContext(sinkApp(target), {
    ...{ kafka: { brokers: stackEnv().KAFKA_BROKERS.split(',') }, config, configPath: '' },
    ...{ mysqlUrl: '', targets: {}, port: 0, host: '', logLevel: 'fatal' },
  });
  const closeless = {
    apply: writer.apply.bind(writer),
    ping: writer.ping.bind(writer),
    rowId: writer.rowId.bind(writer),
    sweep: writer.sweep.bind(writer),
    close: async () => undefined,
  };
  const connect = async () => ({ writer: closeless, positions, sweepNotes, places });
  const pipeline = new SinkPipeline(context, { target: targetPlugin(target), connect }, checkMs);
  await pipeline.start().catch(async (error: unknown) => {
    await pipeline.onApplicationShutdown();
    throw error;
  });
  const handle = (round: Round, { signal }: RoundContext) => pipeline.handle(round, signal);
  await Promise.all(
    pipeline.servers.map((server) => {
      for (const pattern of ['validated', 'validatedLoads']) server.addHandler(pattern, handle, true);
      return new Promise<void>((resolve) => void server.listen(() => resolve()));
    }),
  );
  // Its work begins with the first assignment.
  for (const { state } of pipeline.servers)
    await waitFor(() => state.joined || state.awaits !== null || state.trouble !== null);
  return {
    pipeline,
    context,
    async counted() {
      return context.metrics.outcomes();
    },
    async stop() {
      await Promise.all(pipeline.servers.map((server) => server.close()));
      await pipeline.onApplicationShutdown();
    },
  };
}
