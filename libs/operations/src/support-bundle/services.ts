import { readHeartbeats, type Heartbeat } from '@tributary/topics';
import type { SyncConfig } from '@tributary/sync-config';
import type { Transport } from '@tributary/transport';
import { instanceStatus } from '../status/instance-status';

const ANSWER_MS = 2_000;
const MOST_BYTES = 1 << 20;
const MOST_INSTANCES = 50;

export async function heartbeats(kafka: Transport, { topics }: SyncConfig): Promise<Heartbeat[]> {
  return (await kafka.admin().topics()).has(topics.heartbeats)
    ? readHeartbeats(kafka, topics.heartbeats)
    : [];
}

/** What `/info` of each instance that lives says, or one sentence: the port may not be open from here. */
export async function servicesInfo(kafka: Transport, config: SyncConfig): Promise<Record<string, unknown>> {
  const alive = (await heartbeats(kafka, config)).filter((heartbeat) => instanceStatus(heartbeat).alive);
  const answers = alive.slice(0, MOST_INSTANCES).map(async ({ app, instance, host, port }) => {
    const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}/info`;
    return [`${app}/${instance}`, await infoOf(url)] as const;
  });
  return Object.fromEntries(await Promise.all(answers));
}

async function infoOf(url: string): Promise<unknown> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS), redirect: 'error' });
    const text = await answer.text();
    return text.length > MOST_BYTES ? { error: `${url} says too much.` } : JSON.parse(text);
  } catch {
    return { error: `${url} does not answer from here.` };
  }
}
