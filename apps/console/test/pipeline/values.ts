import type { RunningConsole } from './running-console';

/** Who sees the values of rows. */
export function values(running: RunningConsole): void {
  const { name, table } = running.pipeline;

  describe('values of rows', () => {
    const ofRow = { params: { table }, query: { key: '7' } };

    it('are shown to an operator, and that is in the audit topic before it answers', async () => {
      const trace = await running.operator.done('trace', ofRow);
      expect(trace).toMatchObject({
        verdict: { code: 'IN_SYNC' },
        ...{ key: { id: 7 }, source: { id: 7, n: '7', mail: 'secret 7' }, masked: false },
      });
      expect(await running.newestAudit()).toMatchObject({
        ...{ who: 'local', role: 'operator', action: 'reveal', outcome: 'done' },
        input: { operation: 'trace', table, key: { id: 7 } },
      });
    });

    it('are masked for a viewer, whatever is asked for, and for an operator who wants it', async () => {
      const before = await running.newestAudit();
      for (const [client, mask] of [
        [running.viewer, undefined],
        [running.viewer, 'false'],
        [running.operator, 'true'],
      ] as const) {
        const query = { ...ofRow.query, mask };
        const trace = await client.done('trace', { ...ofRow, query });
        expect(trace).toMatchObject({ masked: true, source: { id: 7, n: '***', mail: '***' } });
        expect(trace.validated?.events.at(-1)?.after).toEqual({ id: 7, n: '***', mail: '***' });
        expect(JSON.stringify(trace)).not.toContain('secret');
        const history = await client.done('history', { ...ofRow, query });
        expect(history.events[0]?.columns).toContainEqual({ column: 'mail', after: '***' });
        expect(JSON.stringify(history)).not.toContain('secret');
      }
      expect(await running.newestAudit()).toEqual(before);
    });

    it('a key of several columns is repeated, in key order', async () => {
      const params = { table: `${name}.pairs` };
      const { verdict, source } = await running.viewer.done('trace', { params, query: { key: ['1', '2'] } });
      expect([verdict.code, source]).toEqual(['IN_SYNC', { a: 1, b: 2, secret: '***' }]);
      expect(await running.viewer.problem('trace', { params, query: { key: '1' } })).toEqual([400, 'KEY']);
    });

    it('what cannot be found is said as such', async () => {
      expect(await running.viewer.problem('trace', { ...ofRow, query: { key: 'seven' } })).toEqual([
        400,
        'KEY',
      ]);
      expect(await running.viewer.problem('trace', { ...ofRow, query: { key: [] } })).toEqual([400, 'INPUT']);
      const params = { table: `${name}.none` };
      expect((await running.viewer.done('trace', { ...ofRow, params })).verdict.code).toBe('NOT_CAPTURED');
      expect(await running.viewer.problem('history', { ...ofRow, params })).toEqual([404, 'TABLE']);
    });
  });
}
