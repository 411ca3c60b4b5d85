import { PipelineNotes, type SuspensionNote } from '@tributary/topics';
import { parseSyncConfig } from '@tributary/sync-config';
import { kafka, silent, type CliPipeline } from './cli-pipeline';

interface States {
  tables: {
    table: string;
    state: string;
    suspensions: { stage: string; code: string; since: string | null }[];
  }[];
}

interface TopicStatus {
  topic: string;
  partitions: number;
  wanted: number;
  trouble: string | null;
}

/** `tributary status` and \`tributary snapshot\`. */
export function statusAndLoads(pipeline: CliPipeline): void {
  const { name, run } = pipeline;

  it('R15: status names every table that a stage leaves out, also one sink alone', async () => {
    const { topics } = parseSyncConfig(`{ topics: { prefix: ${name} }, tables: [ { table: ${name}.t } ] }`);
    const notes = new PipelineNotes(kafka, topics.notes, silent);
    const publisher = kafka.publisher();
    const note: SuspensionNote = {
      ...{ kind: 'suspended', app: 'redis-sink', table: `${name}.t`, code: 'FOREIGN_PLACE' },
      ...{ reason: "It is another one's.", remedy: 'Ask.', since: '2026-01-01T00:00:00.000Z' },
    };
    const more = `{ table: ${name}.other }, { table: ${name}.left, exclude: true }`;
    for (const table of ['other', 'left'])
      await pipeline.admin.query(
        `CREATE TABLE IF NOT EXISTS ${name}.${table} (id INT PRIMARY KEY) ENGINE=MyISAM`,
      );
    await publisher.start();
    try {
      // The sink takes back what it did not say itself, at a time of its own.
      const told = async (status: () => Promise<{ out: string }>) => {
        for (let tries = 1; ; tries += 1) {
          await notes.put(publisher, note);
          const { out } = await status();
          if (out.includes('FOREIGN_PLACE') || tries === 5) return out;
        }
      };
      const json = await told(() => pipeline.cliWith(more, 'status', '--json'));
      expect((JSON.parse(json) as States).tables).toMatchObject([
        { table: `${name}.left`, state: 'excluded', suspensions: [] },
        {
          ...{ table: `${name}.other`, state: 'suspended' },
          suspensions: [{ stage: 'trigger-relay', code: 'ENGINE', since: null }],
        },
        { table: `${name}.t`, state: 'suspended', suspensions: [{ stage: 'redis-sink', since: note.since }] },
      ]);
      expect(await told(() => pipeline.cli('status'))).toMatch(
        /\.t is suspended in redis-sink \(FOREIGN_PLACE\).*another one's\. Ask\./,
      );
    } finally {
      await notes.remove(publisher, note);
      await publisher.stop();
      await notes.close();
      for (const table of ['other', 'left']) await pipeline.admin.query(`DROP TABLE ${name}.${table}`);
    }
    expect((await run<States>('status')).result.tables).toMatchObject([{ state: 'active', suspensions: [] }]);
  }, 30_000);

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

  it('R3: status names a topic whose partitions were raised, and all goes on', async () => {
    const topic = `${name}.changes`;
    const admin = kafka.client.admin();
    await admin.connect();
    await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] });
    await admin.disconnect();
    const { topics } = (await run<{ topics: TopicStatus[] }>('status')).result;
    const raised = topics.find((one) => one.topic === topic)!;
    expect(raised).toMatchObject({ partitions: 3, wanted: 2 });
    expect(raised.trouble).toMatch(/has 3 partitions, the sync file says 2.*"Another number of partitions"/);
    expect(topics.flatMap(({ trouble }) => trouble ?? [])).toEqual([raised.trouble]);
    expect((await pipeline.cli('status')).out).toContain(raised.trouble);
    await pipeline.admin.query(`UPDATE ${name}.t SET s = 'raised' WHERE id BETWEEN 100 AND 119`);
    expect((await run('verify')).code).toBe(0);
  }, 60_000);
}
