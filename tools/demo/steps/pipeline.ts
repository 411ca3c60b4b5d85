import { join } from 'node:path';
import { loadSyncConfig, type SyncConfig } from '@tributary/sync-config';
import { repositoryRoot, type StackEnv } from '@tributary/dev-stack';

/** One pipeline that the steps work on: its servers, its sync file, its processes. */
export interface Pipeline {
  readonly servers: StackEnv;
  readonly config: SyncConfig;
  /** Environment of the services and of the command line. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder of the services' pid files and logs. */
  readonly folder: string;
}

export interface PipelineOptions {
  readonly folder: string;
  /** Default: sync.yaml of the repository. */
  readonly syncFile?: string;
}

/** The services get the addresses of these servers, whatever the caller's own environment says. */
export function pipelineOn(servers: StackEnv, options: PipelineOptions): Pipeline {
  const { folder, syncFile = join(repositoryRoot, 'sync.yaml') } = options;
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(MYSQL_URL|MONGODB_URI|REDIS_URL|KAFKA_\w+|SYNC_CONFIG|PORT)(_FILE)?$/.test(name),
  );
  const { MYSQL_URL, KAFKA_BROKERS, MONGODB_URI, REDIS_URL } = servers;
  return {
    servers,
    config: loadSyncConfig(syncFile),
    env: {
      ...Object.fromEntries(inherited),
      MYSQL_URL,
      KAFKA_BROKERS,
      MONGODB_URI,
      REDIS_URL,
      SYNC_CONFIG: syncFile,
    },
    folder,
  };
}
