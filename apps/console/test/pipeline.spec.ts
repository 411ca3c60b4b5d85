import { setTimeout as sleep } from 'node:timers/promises';
import { makeToken, Sealer } from '@tributary/console-access';
import type { AnswerOf } from '@tributary/console-api';
import { waitFor } from '@tributary/testing';
import { VerificationRuns } from '../src/verifications/verification-runs';
import type { Client } from './support/client';
import { ConsolePipeline, ROWS } from './support/console-pipeline';
import { EventReader } from './support/event-reader';
import { secret, TestConsole } from './support/test-console';

jest.setTimeout(90_000);

type Entry = AnswerOf<'audit'>['entries'][number];

describe('the console on a running pipeline', () => {
  const pipeline = new ConsolePipeline();
  const { name, table } = pipeline;
  let server: TestConsole;
  let operator: Client;
  let viewer: Client;
  beforeAll(async () => {
    await pipeline.start();
    server = await TestConsole.start(pipeline.files);
    operator = server.withToken();
    const sealer = new Sealer(secret);
    viewer = server.withToken(await makeToken(sealer, { name: 'vera', role: 'viewer' }, 1));
  }, 150_000);
  afterAll(async () => {
    await server?.stop();
    await pipeline.stop();
  }, 60_000);

  const audited = (action: string, fits: (entry: Entry) => boolean) =>
    waitFor(async () => {
      const { entries } = await viewer.done('audit', { query: { limit: 20 } });
      return entries.find((entry) => entry.action === action && fits(entry));
    });
  const newestAudit = async () => (await viewer.done('audit', { query: { limit: 1 } })).entries[0]!;

  describe('shows', () => {
    it('the pipeline at a glance', async () => {
      const overview = await waitFor(async () => {
        const found = await viewer.done('overview');
        return found.stages.every(({ state }) => state === 'running') && found;
      });
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
      const { tables } = await viewer.done('tables');
      expect(tables.map(({ table, state, capture }) => [table, state, capture?.state])).toEqual([
        [`${name}.pairs`, 'active', 'ok'],
        [table, 'active', 'ok'],
      ]);
      const detail = await viewer.done('table', { params: { table } });
      expect(detail).toMatchObject({
        capture: { state: 'ok' },
        key: ['id'],
        columns: [{ name: 'id' }, { name: 'n' }, { name: 'mail', nullable: true }],
        snapshots: [{ table, state: 'done', rowsDone: ROWS }],
      });
      expect(detail.targets.map(({ target }) => target)).toEqual(['mongo', 'redis']);
      for (const other of [`${name}.*`, `${name}.none`, 'mysql.user'])
        expect(await viewer.problem('table', { params: { table: other } })).toEqual([404, 'TABLE']);
    });

    it('instances and the configuration, without a password', async () => {
      const { instances } = await viewer.done('instances');
      expect(new Set(instances.map(({ app }) => app)).size).toBe(4);
      const config = await viewer.done('config');
      expect(config.tables.map((one) => one['table'])).toEqual([`${name}.pairs`, table]);
      for (const address of Object.values(config.servers)) expect(address).not.toMatch(/@/);
      expect(config.servers['mysql']).toMatch(/^mysql:\/\/127\.0\.0\.1:\d+$/);
    });
  });

  describe('values of rows', () => {
    const ofRow = { params: { table }, query: { key: '7' } };

    it('are shown to an operator, and that is in the audit topic before it answers', async () => {
      const trace = await operator.done('trace', ofRow);
      expect(trace).toMatchObject({
        verdict: { code: 'IN_SYNC' },
        ...{ key: { id: 7 }, source: { id: 7, n: '7', mail: 'secret 7' }, masked: false },
      });
      expect(await newestAudit()).toMatchObject({
        ...{ who: 'local', role: 'operator', action: 'reveal', outcome: 'done' },
        input: { operation: 'trace', table, key: { id: 7 } },
      });
    });

    it('are masked for a viewer, whatever is asked for, and for an operator who wants it', async () => {
      const before = await newestAudit();
      for (const [client, mask] of [
        [viewer, undefined],
        [viewer, 'false'],
        [operator, 'true'],
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
      expect(await newestAudit()).toEqual(before);
    });

    it('a key of several columns is repeated, in key order', async () => {
      const params = { table: `${name}.pairs` };
      const { verdict, source } = await viewer.done('trace', { params, query: { key: ['1', '2'] } });
      expect([verdict.code, source]).toEqual(['IN_SYNC', { a: 1, b: 2, secret: '***' }]);
      expect(await viewer.problem('trace', { params, query: { key: '1' } })).toEqual([400, 'KEY']);
    });

    it('what cannot be found is said as such', async () => {
      expect(await viewer.problem('trace', { ...ofRow, query: { key: 'seven' } })).toEqual([400, 'KEY']);
      expect(await viewer.problem('trace', { ...ofRow, query: { key: [] } })).toEqual([400, 'INPUT']);
      const params = { table: `${name}.none` };
      expect((await viewer.done('trace', { ...ofRow, params })).verdict.code).toBe('NOT_CAPTURED');
      expect(await viewer.problem('history', { ...ofRow, params })).toEqual([404, 'TABLE']);
    });
  });

  describe('changes', () => {
    it('are for operators, and who tries is noted', async () => {
      const body = { table, key: ['7'] };
      expect(await viewer.problem('resend', { body })).toEqual([403, 'ROLE']);
      expect(await newestAudit()).toMatchObject({ who: 'vera', action: 'resend', outcome: 'refused' });
    });

    it('a row is sent again, and the audit topic has who, why and what came of it', async () => {
      const body = { table, key: ['7'], reason: 'a customer called' };
      expect(await operator.done('resend', { body })).toEqual({ rows: 1, locked: 0 });
      expect(await newestAudit()).toMatchObject({
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
      const [status] = await operator.problem('resend', { body });
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
      expect(await newestAudit()).toMatchObject({
        action: 'resend',
        outcome: 'failed',
        input: { where: 'id = = 7' },
      });
    });

    it('snapshots are started, paused, resumed and cancelled', async () => {
      await pipeline.stopService('trigger-relay');
      const { started } = await operator.done('startSnapshots', { body: { table, where: 'id < 10' } });
      const params = { id: started[0]!.id };
      const state = async () => (await viewer.done('snapshots')).snapshots[0]!.state;
      expect(await state()).toBe('queued');
      for (const [operation, expected] of [
        ['pauseSnapshot', 'paused'],
        ['resumeSnapshot', 'queued'],
        ['cancelSnapshot', 'cancelled'],
      ] as const) {
        expect(await operator.done(operation, { params, body: {} })).toEqual({ changed: 1 });
        expect(await state()).toBe(expected);
      }
      expect(await operator.problem('pauseSnapshot', { params: { id: '999999' }, body: {} })).toEqual([
        404,
        'NO_SNAPSHOT',
      ]);
    });

    it('a table is paused in a target and resumed, and who did it why is shown', async () => {
      const params = { table };
      const body = { target: 'mongo', reason: 'an index is built' };
      const { paused } = await operator.done('pauseTable', { params, body });
      expect(paused).toMatchObject([
        { target: 'mongo', by: 'local', reason: 'an index is built', waiting: null },
      ]);
      expect(await newestAudit()).toMatchObject({
        action: 'pauseTable',
        reason: 'an index is built',
        input: params,
      });
      const line = async () => (await viewer.done('tables')).tables.find((one) => one.table === table);
      await waitFor(async () => (await line())?.state === 'paused');
      expect((await viewer.done('overview')).tables).toMatchObject({ suspended: 0, paused: 1 });
      expect(await operator.problem('pauseTable', { params: { table: `${name}.*` }, body: {} })).toEqual([
        404,
        'TABLE',
      ]);
      for (const operation of ['pauseTable', 'resumeTable'] as const)
        expect(await operator.problem(operation, { params, body: { target: 'postgres' } })).toEqual([
          400,
          'USAGE',
        ]);
      expect((await operator.done('resumeTable', { params, body: { target: 'mongo' } })).paused).toEqual([]);
      expect(await operator.problem('resumeTable', { params, body: {} })).toEqual([404, 'TABLE']);
      await waitFor(async () => (await line())?.state === 'active');
    });

    it('the verdict names a stage that stopped, and since when', async () => {
      const overview = await waitFor(
        async () => {
          const found = await viewer.done('overview');
          return found.verdict.severity === 'trouble' && found;
        },
        { timeoutMs: 30_000, everyMs: 500 },
      );
      expect(overview.verdict.sentence).toContain('trigger-relay');
      expect(overview.stages[0]).toMatchObject({ state: 'stopped', instances: 0, since: expect.any(String) });
      pipeline.startService('trigger-relay');
      await waitFor(async () => (await viewer.done('overview')).verdict.severity === 'ok', {
        timeoutMs: 30_000,
      });
    });
  });

  it('verifies, shows what differs by column, says what a repair would do, and repairs', async () => {
    await pipeline.mongo
      .getClient()
      .db(name)
      .collection('people')
      .updateOne({ _id: 3 as never }, { $set: { mail: 'forged' } });
    const ended = async (id: string) =>
      waitFor(
        async () => {
          const found = await viewer.done('verification', { params: { id } });
          return found.state !== 'running' && found;
        },
        { timeoutMs: 40_000, everyMs: 200 },
      );
    const { id } = await operator.done('startVerification', { body: { table, reason: 'to be sure' } });
    expect(await ended(id)).toMatchObject({
      ...{ state: 'different', table, by: 'local', differences: 1, masked: true },
      examples: [{ target: 'mongo', kind: 'different', key: { id: 3 } }],
    });
    const columns = async (client: Client) =>
      (await client.done('verification', { params: { id } })).examples[0]!.columns;
    expect(await columns(viewer)).toEqual([{ column: 'mail', source: '***', target: '***' }]);
    expect(JSON.stringify(await columns(operator))).toContain('forged');
    await audited('reveal', ({ input }) => input['operation'] === 'verification' && input['id'] === id);
    const end = await audited('startVerification', ({ detail }) => detail.includes('"rows"'));
    expect([end, JSON.parse(end.detail)]).toMatchObject([
      { who: 'local', outcome: 'done', input: { id, table, repair: 'none' } },
      // Each target is compared with each row.
      { rows: 2 * ROWS, differences: 1, repaired: 0 },
    ]);

    const repair = async (dryRun: 'true' | 'false') =>
      ended((await operator.done('repairVerification', { params: { id }, query: { dryRun }, body: {} })).id);
    expect(await repair('true')).toMatchObject({ state: 'different', repair: 'plan' });
    expect(await repair('false')).toMatchObject({ state: 'equal', repair: 'do' });
    await audited('repairVerification', ({ detail }) => detail.includes('"repaired":1'));
    const { verifications } = await viewer.done('verifications');
    for (const body of [{ table: `${name}.none` }, { target: 'postgres' }])
      expect((await operator.call('startVerification', { body })).status).toBeGreaterThanOrEqual(404);
    expect((await viewer.done('verifications')).verifications).toEqual(verifications);
    const line = (await viewer.done('tables')).tables.find((one) => one.table === table);
    await waitFor(async () =>
      (await viewer.done('tables')).tables.some((one) => one.table === table && one.lastVerified?.equal),
    );
    expect(line?.state).toBe('active');
    expect((await viewer.done('verifications')).verifications.map((one) => one.repair)).toEqual([
      'do',
      'plan',
      'none',
    ]);
    expect(await viewer.problem('verification', { params: { id: '99999' } })).toEqual([404, 'VERIFICATION']);
  });

  it('verifies two things at once, no third one, and ends them when asked', async () => {
    server.app.get(VerificationRuns).beginMs = 3_000;
    const start = () => operator.call('startVerification', { body: { table, rate: 1 } });
    const [one, two] = [await start(), await start()];
    const ids = [one, two].map(({ body }) => (body as { id: string }).id);
    expect((await start()).status).toBe(429);
    // Past the time that a run may take to begin.
    await sleep(4_000);
    for (const id of ids)
      expect((await viewer.done('verification', { params: { id } })).state).toBe('running');
    for (const id of ids)
      expect(await operator.done('cancelVerification', { params: { id }, body: {} })).toEqual({ id });
    await waitFor(
      async () => {
        const { verifications } = await viewer.done('verifications');
        return ids.every((id) => verifications.some((one) => one.id === id && one.state === 'cancelled'));
      },
      { timeoutMs: 30_000 },
    );
    expect(await operator.problem('cancelVerification', { params: { id: ids[0]! }, body: {} })).toEqual([
      ...[404, 'VERIFICATION'],
    ]);
  });

  it('dead letters: by cause, masked, replayed and discarded', async () => {
    await pipeline.reject(20, 3);
    const groups = await waitFor(
      async () => {
        const found = await viewer.done('deadLetterGroups');
        return found.total === 3 && found.groups;
      },
      { timeoutMs: 30_000 },
    );
    expect(groups).toMatchObject([
      { code: 'INVALID_ROW', table, column: 'n', stage: 'validator', count: 3, sample: { column: 'n' } },
    ]);
    const query = { code: 'INVALID_ROW', column: 'n', limit: 2 };
    const { total, deadLetters } = await viewer.done('deadLetters', { query });
    expect([total, deadLetters.length]).toEqual([3, 2]);
    expect((await viewer.done('deadLetters', { query: { column: 'mail' } })).total).toBe(0);
    const params = { id: deadLetters[0]!.id };
    const masked = await viewer.done('deadLetter', { params });
    expect(JSON.parse(masked.value!)).toMatchObject({ after: { n: '***', mail: '***' } });
    expect((await operator.done('deadLetter', { params })).value).toContain('no number');
    expect(await newestAudit()).toMatchObject({
      action: 'reveal',
      input: { operation: 'deadLetter', ...params },
    });

    expect(await operator.problem('discardDeadLetters', { body: {} })).toEqual([400, 'INPUT']);
    const replayed = await operator.done('replayDeadLetters', { body: { ids: [params.id] } });
    expect(replayed).toMatchObject({ replayed: 1, rejectedAgain: 1, waitsFor: null });
    expect(await newestAudit()).toMatchObject({ action: 'replayDeadLetters', outcome: 'failed' });
    for (const none of [{ table: '*' }, { table: null }, { table, column: null }, { table, stage: 'x' }])
      expect(await operator.done('discardDeadLetters', { body: { ...none, exact: true } })).toEqual({
        discarded: 0,
      });
    const group = { code: 'INVALID_ROW', table, column: 'n', stage: 'validator', exact: true };
    expect(
      await operator.done('discardDeadLetters', { body: { ...group, until: groups[0]!.firstAt } }),
    ).toEqual({
      discarded: 0,
    });
    expect((await viewer.done('deadLetters', { query: { ...group, exact: 'true' } })).total).toBe(3);
    expect(await operator.done('discardDeadLetters', { body: group })).toEqual({ discarded: 3 });
    expect((await viewer.done('deadLetterGroups')).total).toBe(0);
    expect(await operator.problem('discardDeadLetters', { body: { ids: [params.id] } })).toEqual([
      404,
      'DLQ',
    ]);
  });

  it('tells what happens as it happens, and what was missed to who comes back', async () => {
    const reader = await EventReader.open(viewer);
    await reader.until('overview', ({ verdict }) => verdict.severity === 'ok');
    await operator.done('resend', { body: { table, key: ['8'] } });
    await reader.until(
      'audit',
      ({ action, input }) => action === 'resend' && JSON.stringify(input).includes('"8"'),
    );
    await pipeline.reject(40);
    await reader.until('dead-letter', ({ total }) => total === 1);
    await reader.until('snapshot', ({ snapshots }) => snapshots.length > 0);
    await reader.until('verification', ({ verifications }) => verifications.length === 5);
    reader.close();
    const last = reader.seen.at(-1)!;
    await operator.done('discardDeadLetters', { body: { table } });
    const again = await EventReader.open(viewer, { 'last-event-id': last.id });
    await again.until('dead-letter', ({ total }) => total === 0);
    const numbers = again.seen.map(({ id }) => Number(id.split('-')[1]));
    expect(numbers).toEqual(numbers.map((_, at) => Number(last.id.split('-')[1]) + 1 + at));
    again.close();
  });
});
