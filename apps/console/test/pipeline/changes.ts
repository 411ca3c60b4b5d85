import { waitFor } from '@tributary/testing';
import type { RunningConsole } from './running-console';

/** What operators change, and what the audit topic says of it. */
export function changes(running: RunningConsole): void {
  const { pipeline } = running;
  const { name, table } = running.pipeline;

  describe('changes', () => {
    it('are for operators, and who tries is noted', async () => {
      const body = { table, key: ['7'] };
      expect(await running.viewer.problem('resend', { body })).toEqual([403, 'ROLE']);
      expect(await running.newestAudit()).toMatchObject({
        who: 'vera',
        action: 'resend',
        outcome: 'refused',
      });
    });

    it('a row is sent again, and the audit topic has who, why and what came of it', async () => {
      const body = { table, key: ['7'], reason: 'a customer called' };
      expect(await running.operator.done('resend', { body })).toEqual({ rows: 1, locked: 0 });
      expect(await running.newestAudit()).toMatchObject({
        ...{
          who: 'local',
          from: '127.0.0.1',
          action: 'resend',
          reason: 'a customer called',
          outcome: 'done',
        },
        ...{ input: { table, key: ['7'] }, detail: '{"rows":1,"locked":0}' },
      });
    });

    it('what fails is in it too', async () => {
      const body = { table, where: 'id = = 7' };
      const [status] = await running.operator.problem('resend', { body });
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
      expect(await running.newestAudit()).toMatchObject({
        action: 'resend',
        outcome: 'failed',
        input: { where: 'id = = 7' },
      });
    });

    it('snapshots are started, paused, resumed and cancelled', async () => {
      await pipeline.stopService('trigger-relay');
      const { started } = await running.operator.done('startSnapshots', {
        body: { table, where: 'id < 10' },
      });
      const params = { id: started[0]!.id };
      const state = async () => (await running.viewer.done('snapshots')).snapshots[0]!.state;
      expect(await state()).toBe('queued');
      for (const [operation, expected] of [
        ['pauseSnapshot', 'paused'],
        ['resumeSnapshot', 'queued'],
        ['cancelSnapshot', 'cancelled'],
      ] as const) {
        expect(await running.operator.done(operation, { params, body: {} })).toEqual({ changed: 1 });
        expect(await state()).toBe(expected);
      }
      expect(await running.operator.problem('pauseSnapshot', { params: { id: '999999' }, body: {} })).toEqual(
        [404, 'NO_SNAPSHOT'],
      );
    });

    it('a table is paused in a target and resumed, and who did it why is shown', async () => {
      const params = { table };
      const body = { target: 'mongo', reason: 'an index is built' };
      const { paused } = await running.operator.done('pauseTable', { params, body });
      expect(paused).toMatchObject([
        { target: 'mongo', by: 'local', reason: 'an index is built', waiting: null },
      ]);
      expect(await running.newestAudit()).toMatchObject({
        action: 'pauseTable',
        reason: 'an index is built',
        input: params,
      });
      const line = async () =>
        (await running.viewer.done('tables')).tables.find((one) => one.table === table);
      await waitFor(async () => (await line())?.state === 'paused');
      expect((await running.viewer.done('overview')).tables).toMatchObject({ suspended: 0, paused: 1 });
      expect(
        await running.operator.problem('pauseTable', { params: { table: `${name}.*` }, body: {} }),
      ).toEqual([404, 'TABLE']);
      for (const operation of ['pauseTable', 'resumeTable'] as const)
        expect(await running.operator.problem(operation, { params, body: { target: 'postgres' } })).toEqual([
          400,
          'USAGE',
        ]);
      expect(
        (await running.operator.done('resumeTable', { params, body: { target: 'mongo' } })).paused,
      ).toEqual([]);
      expect(await running.operator.problem('resumeTable', { params, body: {} })).toEqual([404, 'TABLE']);
      await waitFor(async () => (await line())?.state === 'active');
    });

    it('the verdict names a stage that stopped, and since when', async () => {
      const overview = await waitFor(
        async () => {
          const found = await running.viewer.done('overview');
          return found.verdict.severity === 'trouble' && found;
        },
        { timeoutMs: 30_000, everyMs: 500 },
      );
      expect(overview.verdict.sentence).toContain('trigger-relay');
      expect(overview.stages[0]).toMatchObject({ state: 'stopped', instances: 0, since: expect.any(String) });
      pipeline.startService('trigger-relay');
      await waitFor(async () => (await running.viewer.done('overview')).verdict.severity === 'ok', {
        timeoutMs: 30_000,
      });
    });
  });
}
