import type { KafkaSettings, Log } from '@tributary/kafka';
import type { SyncConfig } from '@tributary/sync-config';

interface Metric<Labels extends string> {
  inc(labels: Record<Labels, string>, count?: number): void;
}
interface Observed<Labels extends string> {
  observe(labels: Record<Labels, string>, value: number): void;
}
interface Check {
  readonly name: string;
  check(): Promise<void> | void;
}

/** What a sink needs of the process it runs in; `ServiceContext` of @tributary/service is one. */
export interface SinkHost {
  readonly app: string;
  readonly instance: string;
  readonly startedAt: Date;
  readonly log: Log;
  readonly kafkaSettings: KafkaSettings;
  readonly env: { readonly config: SyncConfig; readonly port: number };
  readonly health: {
    ready(check: Check): void;
    live(check: Check): void;
    readiness(): Promise<Map<string, string | null>>;
  };
  readonly metrics: {
    readonly stage: string;
    readonly events: Metric<'stage' | 'table' | 'outcome'>;
    readonly batchSeconds: Observed<'stage'>;
    readonly latencySeconds: Observed<'stage' | 'table'>;
    readonly trouble: { set(labels: { stage: string }, value: number): void };
    observe(name: string, help: string, read: () => number): void;
  };
}
