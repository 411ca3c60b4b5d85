import { checksOf, type Check } from '@tributary/kernel';
import type { OperationContext } from '../context';
import { explain } from '../explain';
import { usedPlugins } from '../targets/open-targets';
import { kafkaChecks } from './kafka';
import { mysqlChecks } from './mysql';
import { serviceChecks } from './services';

type Part = readonly [server: string, work: () => Promise<Check[]>];

/** Looks at every precondition of every server that the sync file uses; a server that does not answer fails alone. */
export async function runDoctor({ servers }: OperationContext): Promise<readonly Check[]> {
  const { config, kafka } = servers;
  const parts: Part[] = [
    ['mysql', async () => mysqlChecks(await servers.mysql(), config)],
    ['kafka', () => kafkaChecks(kafka, config)],
    ['services', () => serviceChecks(kafka, config)],
    ...usedPlugins(config).map((plugin): Part => [
      plugin.name,
      async () => (await servers.target(plugin)).examine(),
    ]),
  ];
  const found = await Promise.all(
    parts.map(([server, work]) => work().catch((error: unknown) => [silent(server, error)])),
  );
  return found.flat();
}

const silent = (server: string, error: unknown): Check =>
  checksOf(server).fail('answers', explain(error), 'Mend that first; what else it needs was not looked at.');

/** Whether something fails. */
export const isIll = (checks: readonly Check[]): boolean => checks.some(({ level }) => level === 'fail');
