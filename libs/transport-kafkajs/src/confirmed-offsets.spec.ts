import { transient } from '@tributary/kernel';
import { ConfirmedOffsets, type Commit, type ConfirmedOffsetsOptions } from './confirmed-offsets';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Offsets, and the commits that came of them: `partition:offset`. */
function open(options: Partial<ConfirmedOffsetsOptions> = {}) {
  const commits: string[][] = [];
  const troubles: unknown[] = [];
  let refusal: Error | undefined;
  const commit: Commit = async (asked) => {
    if (refusal) throw refusal;
    const places = asked!.topics.flatMap(({ partitions }) => partitions);
    commits.push(places.map(({ partition, offset }) => `${partition}:${offset}`));
  };
  const offsets = new ConfirmedOffsets({
    ...{ everyMs: 60_000, everyRecords: 1000 },
    ...{ onTrouble: (error: unknown) => void troubles.push(error), onCommitted: () => undefined },
    ...options,
  });
  const note = (partition: number, next: bigint, records = 1) =>
    offsets.note({ topic: 't', partition, next, topicId: null, records }, commit);
  return { offsets, commits, troubles, note, refuse: (error?: Error) => (refusal = error) };
}

describe('ConfirmedOffsets', () => {
  it('commits all partitions in one request, after some time or some records', async () => {
    const { commits, note } = open({ everyMs: 30 });
    for (const partition of [0, 1, 2]) note(partition, 5n);
    note(1, 9n);
    expect(commits).toEqual([]);
    await sleep(60);
    expect(commits).toEqual([['0:5', '1:9', '2:5']]);
    note(0, 1005n, 1000);
    await sleep(5);
    expect(commits[1]).toEqual(['0:1005']);
  });

  it('R12: commits after what the target has noted, and nothing that it could not', async () => {
    const noted: string[] = [];
    let down = true;
    const { offsets, commits, troubles, note } = open({
      beforeCommit: async (positions) => {
        expect(commits).toHaveLength(0);
        if (down) throw transient('DOWN', 'down');
        noted.push(...[...positions.get('t')!].map(([partition, next]) => `${partition}:${next}`));
      },
    });
    note(0, 5n);
    await offsets.flush();
    expect([commits, troubles.length]).toEqual([[], 1]);
    down = false;
    note(1, 2n);
    await offsets.flush();
    expect(noted).toEqual(['0:5', '1:2']);
    expect(commits).toEqual([['0:5', '1:2']]);
    offsets.stop();
  });

  it('R12: a partition that is gone back on meanwhile is not committed', async () => {
    let begun = () => undefined as void;
    const entered = new Promise<void>((resolve) => (begun = resolve));
    let go = () => undefined as void;
    const { offsets, commits, note } = open({
      beforeCommit: () => {
        begun();
        return new Promise<void>((resolve) => (go = resolve));
      },
    });
    note(0, 5n);
    note(1, 5n);
    const flushed = offsets.flush();
    await entered;
    offsets.forget('t', 0);
    note(0, 2n);
    note(1, 7n);
    go();
    await flushed;
    expect(commits).toEqual([['1:5']]);
    const next = offsets.flush();
    await sleep(1);
    go();
    await next;
    expect(commits[1]).toEqual(['1:7', '0:2']);
  });

  it('tells once that Kafka refused, and tries again', async () => {
    const { offsets, commits, note, refuse } = open();
    refuse(new Error('another coordinator'));
    note(0, 5n);
    await offsets.flush();
    expect(() => offsets.throwIfRefused()).toThrow('another coordinator');
    offsets.throwIfRefused();
    refuse();
    await offsets.flush();
    expect(commits).toEqual([['0:5']]);
    await offsets.flush();
    expect(commits).toHaveLength(1);
  });

  it('forgets all that was confirmed under another assignment', async () => {
    const { offsets, commits, note } = open({ everyMs: 20 });
    note(0, 5n);
    offsets.forgetAll();
    await sleep(40);
    await offsets.flush();
    expect(commits).toEqual([]);
  });
});
