import type { Heartbeat } from '@tributary/topics';

/** Services send a heartbeat every few seconds. */
const SILENT_SECONDS = 15;

export interface InstanceStatus extends Pick<
  Heartbeat,
  'app' | 'instance' | 'pid' | 'host' | 'port' | 'ready' | 'trouble' | 'startedAt'
> {
  readonly silentSeconds: number;
  readonly alive: boolean;
  /** Of the product, and the hash of its sync file; `null`: it does not tell. */
  readonly version: string | null;
  readonly config: string | null;
  /** Changes a second, of all tables. */
  readonly perSecond: number;
  /** When the newest change that it has done was made in MySQL; `null`: it has done none. */
  readonly newestChangeAt: string | null;
}

/** An instance as its last heartbeat has it. */
export function instanceStatus(heartbeat: Heartbeat): InstanceStatus {
  const { app, instance, pid, host, port, ready, trouble, startedAt, at, version, config } = heartbeat;
  const tables = Object.values(heartbeat.tables);
  const newest = Math.max(0, ...tables.map(({ lastTsMs }) => lastTsMs));
  const silentSeconds = Math.max(0, (Date.now() - Date.parse(at)) / 1000);
  return {
    app,
    instance,
    pid,
    host,
    port,
    ready,
    trouble,
    startedAt,
    silentSeconds,
    alive: silentSeconds < SILENT_SECONDS,
    version: version ?? null,
    config: config ?? null,
    perSecond: tables.reduce((sum, { perSecond }) => sum + perSecond, 0),
    newestChangeAt: newest > 0 ? new Date(newest).toISOString() : null,
  };
}

const activities = (table: string, heartbeats: readonly Heartbeat[], app: string) =>
  heartbeats.filter((heartbeat) => heartbeat.app === app).flatMap(({ tables }) => tables[table] ?? []);

/** Events a second of a table; `null`: no sink has said it. */
export function throughput(
  table: string,
  heartbeats: readonly Heartbeat[],
  sinks: readonly string[],
): number | null {
  const rates = sinks
    .map((app) => activities(table, heartbeats, app))
    .filter((found) => found.length > 0)
    .map((found) => found.reduce((sum, { perSecond }) => sum + perSecond, 0));
  return rates.length > 0 ? Math.min(...rates) : null;
}

/** How far the slower sink is behind the relay, by the time of the newest change that each has done. */
export function sinkLag(
  table: string,
  heartbeats: readonly Heartbeat[],
  sinks: readonly string[],
): number | null {
  const newest = (app: string) =>
    Math.max(...activities(table, heartbeats, app).map(({ lastTsMs }) => lastTsMs));
  const published = newest('trigger-relay');
  const behind = sinks.map((app) => (published - newest(app)) / 1000).filter(Number.isFinite);
  return behind.length > 0 ? Math.max(0, ...behind) : null;
}
