import { startSnapshots, untilLoaded } from '../src';
import { InstalledSource } from './installed-source';

describe('waiting for loads, with no relay that could begin one', () => {
  let source: InstalledSource;
  const table = (of: string) => `${source.name}.${of}`;
  const settle = (of: string, state: string) =>
    source.admin.query(`UPDATE ${source.captureSchema}.snapshot_job SET state = ? WHERE table_name = ?`, [
      state,
      table(of),
    ]);

  beforeAll(async () => {
    source = await InstalledSource.open('loaded', ['a', 'b']);
  });
  afterAll(() => source?.close());

  it('waits for a table that no load was queued for, then for one under way, and ends when all are done', async () => {
    await startSnapshots(source.context, { table: table('a') });
    await settle('a', 'done');
    await untilLoaded(source.context, { table: table('a') });
    const seen: string[] = [];
    const all = untilLoaded(source.context, {
      onProgress: (jobs) => seen.push(jobs.map((job) => `${job.table.slice(-1)} ${job.state}`).join()),
    });
    const ended = jest.fn();
    void all.then(ended);
    const until = async (text: string) => {
      while (!seen.some((line) => line.includes(text)))
        await new Promise((resolve) => setTimeout(resolve, 20));
    };
    await until('a done');
    await startSnapshots(source.context, { table: table('b') });
    await until('b queued');
    expect(ended).not.toHaveBeenCalled();
    await settle('b', 'done');
    await all;
  });

  it('says which load has failed, and ends where the signal says', async () => {
    await settle('b', 'failed');
    await expect(untilLoaded(source.context, {})).rejects.toMatchObject({ code: 'SNAPSHOT' });
    await settle('b', 'running');
    const reason = new Error('The person has gone.');
    await expect(untilLoaded({ ...source.context, signal: AbortSignal.abort(reason) }, {})).rejects.toThrow();
  });
});
