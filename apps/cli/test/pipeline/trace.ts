import { mongo } from 'mongoose';
import { traceRow } from '@tributary/operations';
import { waitFor } from '@tributary/testing';
import type { CliPipeline } from './cli-pipeline';

interface Verdict {
  code: string;
  sentence: string;
  next: string;
}
interface Traced {
  key: Record<string, unknown> | null;
  source: Record<string, unknown> | null;
  log: { op: string }[];
  changes: { complete: boolean; events: { version: string }[] };
  deadLetters: { id: string; code: string }[];
  targets: { target: string; state: string; version: string | null; verdict: Verdict }[];
  verdict: Verdict;
}
interface Told {
  events: {
    op: string;
    columns: { column: string; before?: unknown; after?: unknown }[];
    targets: Record<string, string>;
  }[];
}

/** Where one row is, each verdict by its cause (docs/trace.md). */
export function trace(pipeline: CliPipeline): void {
  const { name, run, cli } = pipeline;
  const table = `${name}.t`;
  const traced = async (key: number, of = table) => run<Traced>('trace', of, String(key));
  const look = { searchMs: 10_000, searchBytes: 1 << 26 };
  const until = (key: number, code: string) =>
    waitFor(
      async () => {
        const found = await pipeline.operate((context) =>
          traceRow(context, { table, key: [String(key)], ...look }),
        );
        return found.verdict.code === code && found;
      },
      { timeoutMs: 30_000, everyMs: 300 },
    );
  const insert = (id: number) =>
    pipeline.admin.query(`INSERT INTO ${table} (id, n, s) VALUES (${id}, ${id}, 'traced')`);
  const change = (id: number, s: string) =>
    pipeline.admin.query(`UPDATE ${table} SET s = '${s}' WHERE id = ${id}`);
  const collection = () => pipeline.mongo.getClient().db(name).collection<{ _id: number }>('t');
  /** While a service stands still. */
  const frozen = async <T>(app: string, work: () => Promise<T>): Promise<T> => {
    pipeline.service(app).kill('SIGSTOP');
    try {
      return await work();
    } finally {
      pipeline.service(app).kill('SIGCONT');
    }
  };

  it('IN_SYNC and DELETED: a row that is in step, and one that is gone', async () => {
    await insert(700);
    const { targets, key, source } = await until(700, 'IN_SYNC');
    expect([key, source]).toMatchObject([{ id: 700 }, { s: 'traced' }]);
    expect(targets.map(({ target, state }) => [target, state])).toEqual([
      ['mongo', 'equal'],
      ['redis', 'equal'],
    ]);
    expect(new Set(targets.map(({ version }) => version)).size).toBe(1);
    await pipeline.admin.query(`DELETE FROM ${table} WHERE id = 700`);
    expect((await until(700, 'DELETED')).source).toBeNull();
    expect((await traced(700)).code).toBe(0);
  }, 90_000);

  it('IN_LOG, BEFORE_VALIDATOR and BEFORE_SINK: each station that stands still is the one that is named', async () => {
    await insert(701);
    await until(701, 'IN_SYNC');
    const stations = [
      ['trigger-relay', 'IN_LOG'],
      ['validator', 'BEFORE_VALIDATOR'],
      ['redis-sink', 'BEFORE_SINK'],
    ] as const;
    for (const [app, code] of stations) {
      const found = await frozen(app, async () => {
        await change(701, app);
        await until(701, code);
        return traced(701);
      });
      expect(found).toMatchObject({ code: 2, result: { source: { s: app } } });
      if (app !== 'trigger-relay') expect(found.result.verdict.sentence).toContain(app);
      expect(found.result.log).toHaveLength(code === 'IN_LOG' ? 1 : 0);
      await until(701, 'IN_SYNC');
    }
  }, 180_000);

  it('DEAD_LETTER, then SUPERSEDED once a newer change is applied', async () => {
    // Redis refuses the row.
    await pipeline.redis.set(`${name}:t:702`, 'in the way');
    await insert(702);
    const rejected = await until(702, 'DEAD_LETTER');
    expect(rejected.targets.map(({ target, verdict }) => [target, verdict.code])).toEqual([
      ['mongo', 'IN_SYNC'],
      ['redis', 'DEAD_LETTER'],
    ]);
    expect(rejected.verdict.next).toContain(`tributary dlq replay ${rejected.deadLetters[0]!.id}`);
    await pipeline.redis.del(`${name}:t:702`);
    await change(702, 'newer');
    await until(702, 'SUPERSEDED');
    await run('dlq', 'discard');
    await until(702, 'IN_SYNC');
  }, 120_000);

  it('FOREIGN_EDIT and TARGET_AHEAD: somebody else wrote to the target', async () => {
    await insert(703);
    await until(703, 'IN_SYNC');
    await collection().updateOne({ _id: 703 }, { $set: { s: 'edited' } });
    const edited = await until(703, 'FOREIGN_EDIT');
    expect(edited.verdict.sentence).toContain('mongo holds the row');
    await collection().updateOne(
      { _id: 703 },
      { $set: { '_sync.v': mongo.Long.fromString('9000000000000000001') } },
    );
    await until(703, 'TARGET_AHEAD');
    await collection().deleteOne({ _id: 703 });
    await run('verify', '--repair');
    await until(703, 'IN_SYNC');
  }, 120_000);

  it('NOT_CAPTURED: no entry of the sync file, or its row filter', async () => {
    expect(await traced(1, `${name}.other`)).toMatchObject({
      code: 2,
      result: { verdict: { code: 'NOT_CAPTURED' }, source: null, key: null },
    });
    await pipeline.withSettings(', where: "id < 5"', async () => {
      const { verdict } = (await traced(6)).result;
      expect(verdict).toMatchObject({ code: 'NOT_CAPTURED' });
      expect(verdict.sentence).toContain('id < 5');
    });
  }, 60_000);

  it('PAUSED: the sink leaves the table out', async () => {
    await pipeline.withSettings(', redis: { key: "{database}:{table}:{s}" }', async () => {
      const { targets, verdict } = (await traced(6)).result;
      expect([verdict.code, targets.map((one) => one.verdict.code)]).toEqual([
        'PAUSED',
        ['IN_SYNC', 'PAUSED'],
      ]);
    });
  }, 60_000);

  it('NEVER_LOADED: there before capture, and no snapshot has read it', async () => {
    const other = `${name}.late`;
    await pipeline.admin.query(`CREATE TABLE ${other} (a VARCHAR(20), b DECIMAL(6,2), PRIMARY KEY (a, b))`);
    await pipeline.admin.query(`INSERT INTO ${other} VALUES ('x', 1.5)`);
    const entry = `{ table: ${other} }`;
    await pipeline.cliWith(entry, 'capture', 'install');
    const { out, err } = await pipeline.cliWith(entry, 'trace', other, 'x', '1.5', '--json');
    if (out === '') throw new Error(err);
    expect((JSON.parse(out) as Traced).verdict).toMatchObject({
      code: 'NEVER_LOADED',
      next: `tributary snapshot start --table ${other}`,
    });
    await pipeline.admin.query(`DROP TABLE ${other}`);
  }, 60_000);

  it('a key that does not fit is a sentence that names the column', async () => {
    const { code, err } = await cli('trace', table, 'seven');
    expect([code, err]).toEqual([1, expect.stringMatching(/The key column id is int.*, and "seven" is not/)]);
    expect((await cli('trace', table, '1', '2')).err).toContain('has one column (id), not 2');
  }, 60_000);

  it('history: the changes of a row with what became of each', async () => {
    await insert(704);
    await until(704, 'IN_SYNC');
    await change(704, 'again');
    await until(704, 'IN_SYNC');
    const { events } = (await run<Told>('history', table, '704')).result;
    expect(events.map(({ op }) => op)).toEqual(['u', 'c']);
    expect(events[0]!.columns).toEqual([{ column: 's', before: 'traced', after: 'again' }]);
    expect(events[0]!.targets).toEqual({ mongo: 'applied', redis: 'applied' });
    expect(events[1]!.targets).toEqual({ mongo: 'superseded', redis: 'superseded' });
    const text = await cli('history', table, '704');
    expect(text.out).toContain('s: "traced" -> "again"');
  }, 60_000);
}
