import type { Connection } from '@tributary/capture';
import { topicNames } from '@tributary/contract';
import { PipelineDrain } from './pipeline-drain';

describe('the wait for a pipeline that stands still', () => {
  // A log with nothing in it, and a group that never confirms the one record of its topic.
  const connection = { query: async () => [[{ id: null }]] } as unknown as Connection;
  const adminOf = (stands: string) => ({
    watermarks: async () => new Map([[0, { low: 0n, high: 1n }]]),
    groupOffsets: async (group: string) => new Map<number, bigint>(group === stands ? [] : [[0, 1n]]),
  });
  const drain = (signal: AbortSignal, patienceMs: number, admin = adminOf('validator')) =>
    new PipelineDrain({
      ...{ connection, captureSchema: 'tributary', admin, signal, patienceMs },
      topics: topicNames('a'),
      groups: { validator: 'validator', sink: (target) => `${target}-sink` },
    });

  it('ends with the signal, and then says nothing of the rows', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 50);
    expect(await drain(stop.signal, 60_000).wait('mongo')).toMatchObject({ passed: false, ended: true });
  });

  it('ends when nobody has patience any more, and says who stands still', async () => {
    const drained = await drain(new AbortController().signal, 10).wait('mongo');
    expect(drained).toMatchObject({ passed: false, why: expect.stringContaining('validator') });
    expect(drained).not.toHaveProperty('ended');
  });

  it.each(['validator', 'mongo-sink', 'validator-loads', 'mongo-sink-loads'])(
    'waits for what %s has to do',
    async (stage) => {
      const drained = await drain(new AbortController().signal, 10, adminOf(stage)).wait('mongo');
      expect(drained).toMatchObject({ passed: false, why: expect.stringContaining(`${stage} stands still`) });
    },
  );
});
