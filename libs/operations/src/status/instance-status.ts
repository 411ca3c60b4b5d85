import type { Heartbeat } from '@tributary/topics';

/** Services send a heartbeat every few seconds. */
const SILENT_SECONDS = 15;

export interface InstanceStatus extends Pick<
  Heartbeat,
  'app' | 'instance' | 'pid' | 'host' | 'port' | 'ready' | 'trouble' | 'startedAt'
> {
  readonly silentSeconds: number;
  readonly alive: boolean;
}

/** An instance as its last heartbeat has it. */
export function instanceStatus(heartbeat: Heartbeat): InstanceStatus {
  const { app, instance, pid, host, port, ready, trouble, startedAt, at } = heartbeat;
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
