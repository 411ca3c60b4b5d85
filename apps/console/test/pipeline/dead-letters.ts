import { waitFor } from '@tributary/testing';
import type { RunningConsole } from './running-console';

/** Dead letters, by cause. */
export function deadLetters(running: RunningConsole): void {
  const { pipeline } = running;
  const { table } = running.pipeline;

  it('dead letters: by cause, masked, replayed and discarded', async () => {
    await pipeline.reject(20, 3);
    const groups = await waitFor(
      async () => {
        const found = await running.viewer.done('deadLetterGroups');
        return found.total === 3 && found.groups;
      },
      { timeoutMs: 30_000 },
    );
    expect(groups).toMatchObject([
      { code: 'INVALID_ROW', table, column: 'n', stage: 'validator', count: 3, sample: { column: 'n' } },
    ]);
    const query = { code: 'INVALID_ROW', column: 'n', limit: 2 };
    const { total, deadLetters } = await running.viewer.done('deadLetters', { query });
    expect([total, deadLetters.length]).toEqual([3, 2]);
    expect((await running.viewer.done('deadLetters', { query: { column: 'mail' } })).total).toBe(0);
    const params = { id: deadLetters[0]!.id };
    const masked = await running.viewer.done('deadLetter', { params });
    expect(JSON.parse(masked.value!)).toMatchObject({ after: { n: '***', mail: '***' } });
    expect((await running.operator.done('deadLetter', { params })).value).toContain('no number');
    expect(await running.newestAudit()).toMatchObject({
      action: 'reveal',
      input: { operation: 'deadLetter', ...params },
    });

    expect(await running.operator.problem('discardDeadLetters', { body: {} })).toEqual([400, 'INPUT']);
    const replayed = await running.operator.done('replayDeadLetters', { body: { ids: [params.id] } });
    expect(replayed).toMatchObject({ replayed: 1, rejectedAgain: 1, waitsFor: null });
    expect(await running.newestAudit()).toMatchObject({ action: 'replayDeadLetters', outcome: 'failed' });
    for (const none of [{ table: '*' }, { table: null }, { table, column: null }, { table, stage: 'x' }])
      expect(await running.operator.done('discardDeadLetters', { body: { ...none, exact: true } })).toEqual({
        discarded: 0,
      });
    const group = { code: 'INVALID_ROW', table, column: 'n', stage: 'validator', exact: true };
    expect(
      await running.operator.done('discardDeadLetters', { body: { ...group, until: groups[0]!.firstAt } }),
    ).toEqual({
      discarded: 0,
    });
    expect((await running.viewer.done('deadLetters', { query: { ...group, exact: 'true' } })).total).toBe(3);
    expect(await running.operator.done('discardDeadLetters', { body: group })).toEqual({ discarded: 3 });
    expect((await running.viewer.done('deadLetterGroups')).total).toBe(0);
    expect(await running.operator.problem('discardDeadLetters', { body: { ids: [params.id] } })).toEqual([
      404,
      'DLQ',
    ]);
  });
}
