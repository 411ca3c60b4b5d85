import {
  cancelVerification,
  lastVerified,
  listVerifications,
  showVerification,
  type RecordedVerification,
} from '@tributary/operations';
import { waitFor } from '@tributary/testing';
import type { CliPipeline } from './cli-pipeline';

/** What the capture schema keeps of verifications, whoever ran them. */
export function verifications(pipeline: CliPipeline): void {
  const { name, run, cli } = pipeline;
  const list = () => pipeline.operate((context) => listVerifications(context));
  const newest = async (): Promise<RecordedVerification> => (await list())[0]!;
  const known = async () =>
    (await pipeline.operate((context) => lastVerified(context))).map(({ table, target, equal, id }) => ({
      ...{ table, target, equal, id },
    }));
  const collection = () => pipeline.mongo.getClient().db(name).collection('t');

  it('are kept with what was asked, by whom, and what was found; each whole one counts for its tables', async () => {
    await run('verify');
    const equal = await newest();
    const [[source]] = (await pipeline.admin.query(`SELECT COUNT(*) AS there FROM ${name}.t`)) as unknown as [
      [{ there: number }],
    ];
    expect(equal).toMatchObject({
      ...{ state: 'equal', table: null, target: null, repair: 'none', differences: 0, error: null },
      ...{ rowsDone: Number(source.there), by: expect.stringContaining('@') },
    });
    expect(Date.parse(equal.finishedAt!)).toBeGreaterThanOrEqual(Date.parse(equal.startedAt));
    const both = [
      { table: `${name}.t`, target: 'mongo', equal: true, id: equal.id },
      { table: `${name}.t`, target: 'redis', equal: true, id: equal.id },
    ];
    expect(await known()).toEqual(both);

    await collection().updateOne({ _id: 7 as never }, { $set: { s: 'somebody else' } });
    await run('verify', '--target', 'mongo');
    const different = await newest();
    expect(different).toMatchObject({ state: 'different', target: 'mongo', differences: 1 });
    expect(await known()).toEqual([{ ...both[0], equal: false, id: different.id }, both[1]]);
    const { result } = await pipeline.operate((context) => showVerification(context, different.id));
    expect(result!.examples).toMatchObject([{ kind: 'different', target: 'mongo', key: { id: 7 } }]);

    await run('verify', '--target', 'mongo', '--repair');
    const repaired = await newest();
    expect(repaired).toMatchObject({ state: 'equal', repair: 'do' });
    await run('verify', '--sample', '10');
    expect(await known()).toEqual([{ ...both[0], id: repaired.id }, both[1]]);
  }, 60_000);

  it('end when they are cancelled, and count for no table then', async () => {
    const before = await known();
    const ended = cli('verify', '--rate', '20');
    const runs = async () => (await newest()).state === 'running';
    await waitFor(runs, { timeoutMs: 30_000, everyMs: 200 });
    const { id } = await newest();
    await pipeline.operate((context) => cancelVerification(context, id));
    await ended;
    expect(await newest()).toMatchObject({ id, state: 'cancelled' });
    expect(await known()).toEqual(before);
    await expect(pipeline.operate((context) => cancelVerification(context, id))).rejects.toMatchObject({
      code: 'VERIFICATION',
    });
  }, 90_000);

  it('whose process has died are lost', async () => {
    const child = pipeline.begin('verify', '--rate', '20');
    const runs = async () => (await newest()).state === 'running';
    await waitFor(runs, { timeoutMs: 30_000, everyMs: 200 });
    child.kill('SIGKILL');
    await pipeline.admin.query(
      `UPDATE tributary_${name}.verification SET seen_at = seen_at - INTERVAL 60 SECOND WHERE state = 'running'`,
    );
    expect((await newest()).state).toBe('lost');
  }, 60_000);

  it('run without a record in a capture schema of an older version, and say so', async () => {
    for (const table of ['verification', 'table_verified'])
      await pipeline.admin.query(`DROP TABLE tributary_${name}.${table}`);
    const { code, err } = await cli('verify');
    expect([code, err]).toEqual([0, expect.stringContaining('tributary capture install')]);
    expect(await list()).toEqual([]);
    await run('capture', 'install');
    await run('verify');
    expect(await list()).toHaveLength(1);
  }, 60_000);
}
