import { differencesLeft } from '@tributary/operations';
import { waitFor } from '@tributary/testing';
import type { CliPipeline } from './cli-pipeline';

interface Status {
  places: { target: string; place: string; state: string; owners: { name: string; epoch: number }[] }[];
}

/** Places of the targets and whose they are; the last part, since the pipeline is another one after it. */
export function places(pipeline: CliPipeline): void {
  const { name, run, cli } = pipeline;
  const own = ({ places: all }: Status) => all.filter(({ place }) => place.startsWith(name));

  it('R4: a pipeline that moved is refused by name, and after targets adopt both targets are right', async () => {
    const before = await run<Status>('targets', 'status');
    expect([before.code, own(before.result).map(({ target, state }) => [target, state])]).toEqual([
      0,
      [
        ['mongo', 'ours'],
        ['redis', 'ours'],
      ],
    ]);
    await pipeline.move();
    // Nobody tells the targets of these.
    await pipeline.admin.query(`DELETE FROM ${name}.t WHERE id < 20`);
    await pipeline.admin.query(`UPDATE ${name}.t SET s = 'moved' WHERE id BETWEEN 20 AND 40`);
    const refused = await cli('capture', 'install');
    expect([refused.code, refused.err]).toEqual([
      1,
      expect.stringContaining(`belongs to the pipeline ${name}`),
    ]);
    expect(refused.err).toMatch(/nothing was changed[^]*targets adopt/);
    const [schemas] = await pipeline.admin.query(`SHOW DATABASES LIKE 'tributary\\_${pipeline.moved}'`);
    expect(schemas).toEqual([]);
    const status = await run<Status>('targets', 'status');
    expect([status.code, own(status.result).map(({ state }) => state)]).toEqual([2, ['foreign', 'foreign']]);

    // Exit 1, not 2: nothing was compared, and above all nothing was written.
    const documents = () => pipeline.mongo.getClient().db(name).collection('t').countDocuments();
    const stood = await documents();
    const repaired = await cli('verify', '--repair');
    expect([repaired.code, repaired.err]).toEqual([
      1,
      expect.stringContaining(`belongs to the pipeline ${name}`),
    ]);
    expect(await documents()).toBe(stood);
    expect(await pipeline.redis.exists(`${name}:t:3`, `${name}:t:4`)).toBe(2);

    const adopted = await run<{ adopted: { target: string; from: { name: string }[] }[] }>(
      'targets',
      'adopt',
    );
    expect(adopted.result.adopted).toMatchObject([
      { target: 'mongo', from: [{ name }] },
      { target: 'redis', from: [{ name }] },
    ]);
    expect((await cli('capture', 'install')).code).toBe(0);
    pipeline.startServices();
    const equal = async () => differencesLeft(await pipeline.verification()) === 0;
    await waitFor(equal, { timeoutMs: 240_000, everyMs: 1000 });
    expect((await run('verify')).code).toBe(0);
    const [[source]] = (await pipeline.admin.query(
      `SELECT COUNT(*) AS rows_left, MIN(id) AS first FROM ${name}.t`,
    )) as unknown as [[{ rows_left: number; first: number }]];
    expect(Number(source.first)).toBe(20);
    expect(await documents()).toBe(Number(source.rows_left));
    const after = await run<Status>('targets', 'status');
    expect(own(after.result).map(({ state, owners }) => [state, owners.length, owners[0]!.name])).toEqual([
      ['ours', 1, pipeline.moved],
      ['ours', 1, pipeline.moved],
    ]);
    expect(own(after.result).every(({ owners }) => owners[0]!.epoch > 1)).toBe(true);
  }, 400_000);
}
