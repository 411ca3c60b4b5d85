import { fatal, transient } from '@tributary/kernel';
import type { Outcome, RecordBatch, Round } from '@tributary/transport';
import { Rounds, type RoundsOptions } from './rounds';

const batch = (partition: number, records = 1, topic = 't'): RecordBatch => ({
  ...{ topic, partition, highWatermark: '0' },
  records: Array.from({ length: records }, (_, at) => ({
    ...{ key: null, value: Buffer.alloc(10), headers: {}, timestamp: '0', offset: String(at) },
  })),
});
const { signal } = new AbortController();
const tick = () => new Promise((resolve) => setImmediate(resolve));

/** Rounds whose handler waits until it is let go, and what it was given so far, as partition numbers. */
function open(options: Partial<RoundsOptions> = {}) {
  const given: number[][] = [];
  const ends: ((outcomes?: readonly Outcome[]) => void)[] = [];
  const breaks: ((error: unknown) => void)[] = [];
  const rounds = new Rounds({
    handle: (round: Round) => {
      given.push(round.map(({ partition }) => partition));
      return new Promise<readonly Outcome[] | void>((resolve, reject) => {
        ends.push(resolve);
        breaks.push(reject);
      });
    },
    ...{ maxRecords: 100, maxBytes: 10_000, atOnce: 2, everyMs: 0, giveUp: new AbortController().signal },
    ...options,
  });
  const offer = (one: RecordBatch, alone = false, isOurs = () => true) =>
    rounds.offer({ batch: one, alone, isOurs, signal });
  return { given, ends, breaks, offer };
}

describe('Rounds', () => {
  it('takes all that is there into one round, and what comes meanwhile into the next', async () => {
    const { given, ends, offer } = open();
    const first = [0, 1, 2, 3, 4].map((partition) => offer(batch(partition)));
    await tick();
    expect(given).toEqual([[0, 1, 2, 3, 4]]);
    const second = [5, 6].map((partition) => offer(batch(partition)));
    await tick();
    expect(given).toHaveLength(1);
    ends[0]!();
    await Promise.all(first);
    await tick();
    expect(given[1]).toEqual([5, 6]);
    ends[1]!();
    expect((await second[0])!.status).toBe('fulfilled');
  });

  it('bounds a round, and works on a second one at a time only when that is full', async () => {
    const { given, offer } = open();
    for (const partition of [0, 1, 2, 3, 4]) void offer(batch(partition, 40));
    await tick();
    expect(given).toEqual([
      [0, 1],
      [2, 3],
    ]);
    const other = open();
    for (const partition of [0, 1, 2]) void other.offer(batch(partition, 40));
    await tick();
    expect(other.given).toEqual([[0, 1]]);
  });

  it('gives a batch that is larger than a round one of its own', async () => {
    const { given, offer } = open();
    void offer(batch(0, 1000));
    void offer(batch(1, 1));
    await tick();
    expect(given).toEqual([[0]]);
  });

  it('R11: hands each batch over alone when the round fails, and answers for each', async () => {
    const { given, ends, breaks, offer } = open();
    const offered = [0, 1, 2].map((partition) => offer(batch(partition)));
    await tick();
    breaks[0]!(transient('DOWN', 'down'));
    await tick();
    expect(given).toEqual([[0, 1, 2], [0], [1], [2]]);
    ends[1]!();
    breaks[2]!(transient('DOWN', 'still down'));
    ends[3]!();
    const outcomes = (await Promise.all(offered)).map(({ status }) => status);
    expect(outcomes).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('R11: takes the answers of a handler that tells them for each batch', async () => {
    const { given, ends, offer } = open();
    const offered = [0, 1].map((partition) => offer(batch(partition)));
    await tick();
    ends[0]!([
      { status: 'rejected', reason: new Error('bad') },
      { status: 'fulfilled', value: undefined },
    ]);
    const outcomes = (await Promise.all(offered)).map(({ status }) => status);
    expect(outcomes).toEqual(['rejected', 'fulfilled']);
    expect(given).toHaveLength(1);
  });

  it('R11: a batch that failed before gets a round of its own, beside the others', async () => {
    const { given, offer } = open();
    void offer(batch(0), true);
    void offer(batch(1));
    void offer(batch(2));
    await tick();
    expect(given).toEqual([[0], [1, 2]]);
  });

  it('a fatal error is not tried again', async () => {
    const { given, breaks, offer } = open();
    const offered = [0, 1].map((partition) => offer(batch(partition)));
    await tick();
    breaks[0]!(fatal('RIGHTS', 'no'));
    expect((await Promise.all(offered)).every(({ status }) => status === 'rejected')).toBe(true);
    expect(given).toHaveLength(1);
  });

  it('rounds that are not full begin some time apart, the first one at once', async () => {
    const begun: number[] = [];
    const handle = async () => void begun.push(performance.now());
    const { offer } = open({ everyMs: 50, handle });
    // A busy machine may note the first round late, which would make the time between them look shorter.
    const startedAt = performance.now();
    await offer(batch(0));
    await offer(batch(0));
    expect(begun[1]! - startedAt).toBeGreaterThanOrEqual(49);
    void open({ everyMs: 1_000, handle }).offer(batch(0));
    await tick();
    expect(begun).toHaveLength(3);
  });

  it('R12: what was taken away while it waited is not handled', async () => {
    const { given, ends, offer } = open();
    let ours = true;
    void offer(batch(0));
    await tick();
    const waiting = [offer(batch(1), false, () => ours), offer(batch(2))];
    await tick();
    ours = false;
    ends[0]!();
    expect((await waiting[0])!.status).toBe('rejected');
    await tick();
    expect(given).toEqual([[0], [2]]);
  });

  it('a round is of one topic', async () => {
    const { given, ends, offer } = open();
    void offer(batch(0));
    void offer(batch(1, 1, 'u'));
    void offer(batch(2));
    await tick();
    expect(given).toEqual([[0, 2]]);
    ends[0]!();
    await tick();
    await tick();
    expect(given[1]).toEqual([1]);
  });
});
