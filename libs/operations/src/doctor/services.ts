import { readHeartbeats, type Heartbeat } from '@tributary/topics';
import type { Transport } from '@tributary/transport';
import { productVersion } from '@tributary/service';
import type { SyncConfig } from '@tributary/sync-config';
import { instanceStatus } from '../status/instance-status';
import { checksOf, type Check } from '@tributary/kernel';

const { pass, warn, fail } = checksOf('services');

/** An instance that ended without a word is forgotten after an hour. */
const FORGET_SECONDS = 3_600;

/** Whether the service instances that run agree with each other and with this sync file. */
export async function serviceChecks(kafka: Transport, config: SyncConfig): Promise<Check[]> {
  const { heartbeats: topic } = config.topics;
  const there = await kafka.admin().topics();
  const heartbeats = there.has(topic) ? await readHeartbeats(kafka, topic) : [];
  const alive = heartbeats.filter((heartbeat) => instanceStatus(heartbeat).alive);
  const silent = heartbeats
    .map(instanceStatus)
    .filter(({ alive: lives, silentSeconds }) => !lives && silentSeconds < FORGET_SECONDS);
  return [
    alive.length > 0
      ? pass(
          'instances',
          `${alive.length} ${alive.length === 1 ? 'instance runs' : 'instances run'}: ${apps(alive)}.`,
        )
      : warn(
          'instances',
          'No service instance has reported itself.',
          'npm run services -- up, or see docs/deploy.md.',
        ),
    ...silent.map(({ app, host, pid, silentSeconds }) =>
      warn(
        'instances',
        `${app} at ${host} (pid ${pid}) has been silent for ${Math.round(silentSeconds)} s: it was killed, or cannot reach Kafka.`,
        'Start it again, or see its log.',
      ),
    ),
    ...alive
      .filter(({ ready }) => !ready)
      .map(({ app, host, pid, trouble }) =>
        fail(
          'ready',
          `${app} at ${host} (pid ${pid}) is not ready: ${trouble ?? 'it starts'}.`,
          'See its /health/ready and its log.',
        ),
      ),
    ...agreement(
      'version',
      alive,
      ({ version }) => version,
      productVersion,
      'Update all services to one version.',
    ),
    ...agreement(
      'config',
      alive,
      ({ config: hash }) => hash,
      config.hash,
      'Give every service the same sync file and restart those that differ.',
    ),
  ];
}

const apps = (heartbeats: readonly Heartbeat[]) =>
  [...new Set(heartbeats.map(({ app }) => app))].sort().join(', ');

/** Instances of older versions do not tell. */
function agreement(
  check: 'version' | 'config',
  alive: readonly Heartbeat[],
  of: (heartbeat: Heartbeat) => string | undefined,
  ours: string,
  fix: string,
): Check[] {
  const what = check === 'version' ? 'version' : 'sync file';
  const others = alive.filter((heartbeat) => of(heartbeat) !== undefined && of(heartbeat) !== ours);
  if (alive.length === 0) return [];
  if (others.length === 0) return [pass(check, `They have the ${what} of this command.`)];
  const names = others.map(
    (heartbeat) => `${heartbeat.app} at ${heartbeat.host} (pid ${heartbeat.pid}): ${of(heartbeat)}`,
  );
  return [warn(check, `Another ${what} than this command's, ${ours}: ${names.join('; ')}.`, fix)];
}
