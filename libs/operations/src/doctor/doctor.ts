import { usedTargets } from '@tributary/verify';
import type { OperationContext } from '../context';
import { explain } from '../explain';
import { checksOf, type Check } from './check';
import { kafkaChecks } from './kafka';
import { mongodbChecks } from './mongodb';
import { mysqlChecks } from './mysql';
import { redisChecks } from './redis';
import { serviceChecks } from './services';

/** Looks at every precondition of every server that the sync file uses; a server that does not answer fails alone. */
export async function runDoctor({ servers }: OperationContext): Promise<readonly Check[]> {
  const { config, kafka, env } = servers;
  const targets = usedTargets(config);
  const parts: [Check['server'], () => Promise<Check[]>][] = [
    ['mysql', async () => mysqlChecks(await servers.mysql(), config)],
    ['kafka', () => kafkaChecks(kafka, config)],
    ['services', () => serviceChecks(kafka, config)],
  ];
  if (targets.includes('mongo'))
    parts.push(['mongodb', async () => mongodbChecks(await servers.mongo(), env.mongodbUri)]);
  if (targets.includes('redis')) parts.push(['redis', async () => redisChecks(await servers.redis())]);
  const found = await Promise.all(
    parts.map(([server, work]) => work().catch((error: unknown) => [silent(server, error)])),
  );
  return found.flat();
}

const silent = (server: Check['server'], error: unknown): Check =>
  checksOf(server).fail('answers', explain(error), 'Mend that first; what else it needs was not looked at.');

/** Whether something fails. */
export const isIll = (checks: readonly Check[]): boolean => checks.some(({ level }) => level === 'fail');
