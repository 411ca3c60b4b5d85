import type { CliPipeline } from './cli-pipeline';

/** \`tributary status\` and \`tributary snapshot\`. */
export function statusAndLoads(pipeline: CliPipeline): void {
  const { name, run } = pipeline;

  it('shows tables, stages and instances, and loads a table again', async () => {
    const { code, result } = await run<{
      tables: { table: string; pending: number; deadLetters: number }[];
      stages: { stage: string; members: number }[];
      instances: { app: string; alive: boolean }[];
      unreachable: object;
    }>('status');
    expect(code).toBe(0);
    expect(result.unreachable).toEqual({});
    expect(result.tables).toMatchObject([{ table: `${name}.t`, pending: 0, deadLetters: 0 }]);
    expect(result.stages.map(({ stage, members }) => [stage, members])).toEqual([
      ['validator', 1],
      ['mongo-sink', 1],
      ['redis-sink', 1],
    ]);
    expect(result.instances.filter(({ alive }) => alive).map(({ app }) => app)).toEqual(
      expect.arrayContaining(['mongo-sink', 'redis-sink']),
    );

    const started = await run<{ id: string; created: boolean }[]>('snapshot', 'start', '--where', 'id < 10');
    expect(started.result).toMatchObject([{ table: `${name}.t`, created: true }]);
    const watched = await pipeline.cli('snapshot', 'status', '--watch');
    expect(watched.out).toMatch(/id < 10/);
    expect(watched.out).not.toMatch(/running|queued/);
    const again = await run<{ id: string }[]>('snapshot', 'start', '--where', 'id < 5');
    const { id } = again.result[0]!;
    const lines = await pipeline.cli('snapshot', 'status', '--watch', '--json');
    const seen = lines.out.trim().split('\n');
    const last = JSON.parse(seen.at(-1)!) as { id: string; state: string; rowsDone: number }[];
    expect(last.find((job) => job.id === id)).toMatchObject({ state: 'done', rowsDone: 5 });
    // A load that has ended can be neither paused nor cancelled.
    for (const action of ['pause', 'resume', 'cancel'])
      expect((await run('snapshot', action, '--job', id)).result).toEqual({ action, jobs: 0 });
    await expect(run('snapshot', 'cancel', '--job', '999999')).rejects.toThrow(
      'No load is of this table or number',
    );
    await expect(run('snapshot', 'start', '--where', 'no such column')).rejects.toThrow(
      /with this condition cannot be loaded, the server says: You have an error in your SQL syntax/,
    );
  }, 60_000);
}
