import { waitFor } from '@tributary/testing';
import { ROWS } from '../support/console-pipeline';
import type { RunningConsole } from './running-console';

/** What the console shows of a pipeline at rest. */
export function shows(running: RunningConsole): void {
  const { name, table } = running.pipeline;

  describe('shows', () => {
    it('the pipeline at a glance', async () => {
      // Sinks commit by time what they have written, and a look at the pipeline serves for seconds.
      const overview = await waitFor(
        async () => {
          const found = await running.viewer.done('overview');
          const rest = found.stages.every(({ state, lagEvents }) => state === 'running' && lagEvents === 0);
          return rest && found;
        },
        { timeoutMs: 60_000 },
      );
      expect(overview).toMatchObject({
        verdict: { severity: 'ok' },
        ...{
          tables: { total: 2, suspended: 0 },
          deadLetters: { open: 0 },
          snapshots: { open: 0 },
          unreachable: {},
        },
        targets: ['mongo', 'redis'],
      });
      expect(overview.stages.map(({ lagEvents, instances }) => [lagEvents, instances])).toEqual(
        Array(4).fill([0, 1]),
      );
    });

    it('tables, one with its columns, places and snapshots', async () => {
      const { tables } = await running.viewer.done('tables');
      expect(tables.map(({ table, state, capture }) => [table, state, capture?.state])).toEqual([
        [`${name}.pairs`, 'active', 'ok'],
        [table, 'active', 'ok'],
      ]);
      const detail = await running.viewer.done('table', { params: { table } });
      expect(detail).toMatchObject({
        capture: { state: 'ok' },
        key: ['id'],
        columns: [{ name: 'id' }, { name: 'n' }, { name: 'mail', nullable: true }],
        snapshots: [{ table, state: 'done', rowsDone: ROWS }],
      });
      expect(detail.targets.map(({ target }) => target)).toEqual(['mongo', 'redis']);
      for (const other of [`${name}.*`, `${name}.none`, 'mysql.user'])
        expect(await running.viewer.problem('table', { params: { table: other } })).toEqual([404, 'TABLE']);
    });

    it('instances and the configuration, without a password', async () => {
      const { instances } = await running.viewer.done('instances');
      expect(new Set(instances.map(({ app }) => app)).size).toBe(4);
      const config = await running.viewer.done('config');
      expect(config.tables.map((one) => one['table'])).toEqual([`${name}.pairs`, table]);
      for (const address of Object.values(config.servers)) expect(address).not.toMatch(/@/);
      expect(config.servers['mysql']).toMatch(/^mysql:\/\/127\.0\.0\.1:\d+$/);
    });
  });
}
