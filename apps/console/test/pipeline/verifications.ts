import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '@tributary/testing';
import { VerificationRuns } from '../../src/verifications/verification-runs';
import type { Client } from '../support/client';
import { ROWS } from '../support/console-pipeline';
import type { RunningConsole } from './running-console';

/** Verifications with their repairs, and how many there may be. */
export function verifications(running: RunningConsole): void {
  const { pipeline } = running;
  const { name, table } = running.pipeline;

  it('verifies, shows what differs by column, says what a repair would do, and repairs', async () => {
    await pipeline.mongo
      .getClient()
      .db(name)
      .collection('people')
      .updateOne({ _id: 3 as never }, { $set: { mail: 'forged' } });
    const ended = async (id: string) =>
      waitFor(
        async () => {
          const found = await running.viewer.done('verification', { params: { id } });
          return found.state !== 'running' && found;
        },
        { timeoutMs: 40_000, everyMs: 200 },
      );
    const { id } = await running.operator.done('startVerification', {
      body: { table, reason: 'to be sure' },
    });
    expect(await ended(id)).toMatchObject({
      ...{ state: 'different', table, by: 'local', differences: 1, masked: true },
      examples: [{ target: 'mongo', kind: 'different', key: { id: 3 } }],
    });
    const columns = async (client: Client) =>
      (await client.done('verification', { params: { id } })).examples[0]!.columns;
    expect(await columns(running.viewer)).toEqual([{ column: 'mail', source: '***', target: '***' }]);
    expect(JSON.stringify(await columns(running.operator))).toContain('forged');
    await running.audited(
      'reveal',
      ({ input }) => input['operation'] === 'verification' && input['id'] === id,
    );
    const end = await running.audited('startVerification', ({ detail }) => detail.includes('"rows"'));
    expect([end, JSON.parse(end.detail)]).toMatchObject([
      { who: 'local', outcome: 'done', input: { id, table, repair: 'none' } },
      // Each target is compared with each row.
      { rows: 2 * ROWS, differences: 1, repaired: 0 },
    ]);

    const repair = async (dryRun: 'true' | 'false') =>
      ended(
        (await running.operator.done('repairVerification', { params: { id }, query: { dryRun }, body: {} }))
          .id,
      );
    expect(await repair('true')).toMatchObject({ state: 'different', repair: 'plan' });
    expect(await repair('false')).toMatchObject({ state: 'equal', repair: 'do' });
    await running.audited('repairVerification', ({ detail }) => detail.includes('"repaired":1'));
    const { verifications } = await running.viewer.done('verifications');
    for (const body of [{ table: `${name}.none` }, { target: 'postgres' }])
      expect((await running.operator.call('startVerification', { body })).status).toBeGreaterThanOrEqual(404);
    expect((await running.viewer.done('verifications')).verifications).toEqual(verifications);
    const line = (await running.viewer.done('tables')).tables.find((one) => one.table === table);
    await waitFor(async () =>
      (await running.viewer.done('tables')).tables.some(
        (one) => one.table === table && one.lastVerified?.equal,
      ),
    );
    expect(line?.state).toBe('active');
    expect((await running.viewer.done('verifications')).verifications.map((one) => one.repair)).toEqual([
      'do',
      'plan',
      'none',
    ]);
    expect(await running.viewer.problem('verification', { params: { id: '99999' } })).toEqual([
      404,
      'VERIFICATION',
    ]);
  });

  it('verifies two things at once, no third one, and ends them when asked', async () => {
    running.server.app.get(VerificationRuns).beginMs = 3_000;
    const start = () => running.operator.call('startVerification', { body: { table, rate: 1 } });
    const [one, two] = [await start(), await start()];
    const ids = [one, two].map(({ body }) => (body as { id: string }).id);
    expect((await start()).status).toBe(429);
    // Past the time that a run may take to begin.
    await sleep(4_000);
    for (const id of ids)
      expect((await running.viewer.done('verification', { params: { id } })).state).toBe('running');
    for (const id of ids)
      expect(await running.operator.done('cancelVerification', { params: { id }, body: {} })).toEqual({ id });
    await waitFor(
      async () => {
        const { verifications } = await running.viewer.done('verifications');
        return ids.every((id) => verifications.some((one) => one.id === id && one.state === 'cancelled'));
      },
      { timeoutMs: 30_000 },
    );
    expect(
      await running.operator.problem('cancelVerification', { params: { id: ids[0]! }, body: {} }),
    ).toEqual([...[404, 'VERIFICATION']]);
  });
}
