import { fatal, transient } from '@tributary/kernel';
import type { Outcome, RecordBatch, Round } from '@tributary/transport';
import { PaceBehind, RoundPace } from './round-pace';
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
    ...{ pace: new RoundPace(100), maxBytes: 10_000, atOnce: 2 },
    ...{ everyMs: 0, giveUp: new AbortController().signal },
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

  describe('behind another reader', () => {
    /** What that has to do, and who waits for its end. */
    function ahead() {
      const calls: (() => void)[] = [];
      const work = { isThere: true, quietMs: 0, onEnd: (call: () => void) => void calls.push(call) };
      const end = () => {
        work.isThere = false;
        for (const call of calls.splice(0)) call();
      };
      return { work, calls, end };
    }

    it('no round begins while that has work, also none of a batch that failed before', async () => {
      const { work, calls, end } = ahead();
      let held = 0;
      const { given, ends, offer } = open({ behind: work, atOnce: 1, onHeld: () => (held += 1) });
      void offer(batch(0));
      void offer(batch(1), true);
      await tick();
      expect(given).toEqual([]);
      expect(held).toBe(1);
      // It is asked once, however often is looked.
      await new Promise((resolve) => setTimeout(resolve, 350));
      expect(held).toBeGreaterThan(2);
      expect(calls).toHaveLength(1);
      end();
      await tick();
      expect(given).toEqual([[1], [0]]);
      work.isThere = true;
      void offer(batch(2));
      ends[1]!();
      await tick();
      await tick();
      expect(given).toHaveLength(2);
    });

    it('R12: what is taken away meanwhile is let go soon', async () => {
      const { work } = ahead();
      let ours = true;
      const { given, offer } = open({ behind: work });
      const waiting = offer(batch(0), false, () => ours);
      await tick();
      ours = false;
      expect((await waiting).status).toBe('rejected');
      expect(given).toEqual([]);
    });
  });
});

describe('RoundPace', () => {
  const time = { busyMs: 30, wholeMs: 300 };

  it('keeps to its time: a slow round counts at once, a fast one when it was full', () => {
    const pace = new RoundPace(1000, time);
    expect(pace.records).toBe(200);
    pace.took(10, { busyMs: 1, wholeMs: 1 });
    expect(pace.records).toBe(200);
    pace.took(200, { busyMs: 10, wholeMs: 20 });
    expect(pace.records).toBe(400);
    pace.took(400, { busyMs: 20, wholeMs: 100 });
    expect(pace.records).toBe(600);
    pace.took(600, { busyMs: 60, wholeMs: 100 });
    expect(pace.records).toBe(300);
    pace.took(300, { busyMs: 1, wholeMs: 600 });
    expect(pace.records).toBe(150);
    // As when it held the end of a load, with its sweep.
    pace.took(1, { busyMs: 1000, wholeMs: 60_000 });
    expect(pace.records).toBe(100);
    for (let nth = 0; nth < 10; nth += 1) pace.took(pace.records, { busyMs: 1, wholeMs: 1 });
    expect(pace.records).toBe(1000);
  });

  it('a target that is far away makes no small rounds, as others do not wait for it', () => {
    const pace = new RoundPace(1000, time);
    for (let nth = 0; nth < 10; nth += 1)
      pace.took(pace.records, { busyMs: pace.records / 50, wholeMs: 150 });
    expect(pace.records).toBe(1000);
  });

  it('of who stands behind others is slower while these have had work lately', () => {
    const ahead = { quietMs: 0 };
    const pace = new PaceBehind(1000, { beside: time, alone: { busyMs: 30, wholeMs: 3000 } }, ahead);
    for (let nth = 0; nth < 10; nth += 1) pace.took(pace.records, { busyMs: 3, wholeMs: pace.records * 2 });
    expect(pace.records).toBeLessThanOrEqual(200);
    ahead.quietMs = 10_000;
    for (let nth = 0; nth < 10; nth += 1) pace.took(pace.records, { busyMs: 3, wholeMs: pace.records * 2 });
    expect(pace.records).toBe(1000);
    ahead.quietMs = 0;
    expect(pace.records).toBeLessThanOrEqual(200);
  });

  it('without a time it is as it was', () => {
    const pace = new RoundPace(1000);
    pace.took(1000, { busyMs: 60_000, wholeMs: 60_000 });
    expect(pace.records).toBe(1000);
  });
});
