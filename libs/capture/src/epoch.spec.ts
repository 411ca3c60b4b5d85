import { formatVersion, MAX_EPOCH } from '@tributary/contract';
import { decideIdentity, type KafkaState, type LogState } from './epoch';

const [pipeline, incarnation, other] = ['a', 'b', 'c'].map((digit) => digit.repeat(32)) as [
  string,
  string,
  string,
];
const log = (state: Partial<LogState> = {}): LogState => ({
  ...{ pipeline, incarnation, announced: incarnation, epoch: 3, highId: 99n, freshId: 101n },
  ...state,
});
const note = { pipeline, incarnation, epoch: 3 };
const kafka = (state: Partial<KafkaState> = {}): KafkaState => ({
  ...{ note, highest: null, mismatch: null, demand: null },
  ...state,
});
const fresh = log({ pipeline: null, incarnation: null, announced: null, epoch: 0, highId: 0n, freshId: 1n });

describe('identity of a log (R4)', () => {
  it.each([
    ['the counter goes on', log(), kafka({ highest: formatVersion(3, 100n) })],
    ['nothing was ever published', log({ highId: 0n }), kafka()],
    ['Kafka holds older epochs', log(), kafka({ highest: formatVersion(2, 5000n) })],
    ['a rise was not announced yet', log({ incarnation: other, epoch: 4 }), kafka()],
    ['a demand was obeyed', log(), kafka({ demand: { epoch: 2, reason: 'r.' } })],
  ])('R4: stays while %s', (_what, state, seen) => {
    const { epoch, incarnation: held } = state;
    expect(decideIdentity(state, seen)).toEqual({ pipeline, incarnation: held, epoch, raised: null });
  });

  it('R4: a new log begins at 1, and one of an older version gets an identity without a rise', () => {
    const first = decideIdentity(fresh, kafka({ note: null }));
    expect(first).toEqual({
      ...{ pipeline: expect.stringMatching(/^[0-9a-f]{32}$/) as string, epoch: 1, raised: null },
      incarnation: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
    });
    const old = decideIdentity(
      log({ pipeline: null, incarnation: null, announced: null }),
      kafka({ note: null, highest: formatVersion(3, 100n) }),
    );
    expect([old.epoch, old.raised, old.pipeline.length]).toEqual([3, null, 32]);
  });

  it.each([
    ['capture installed anew', fresh, kafka(), 4],
    ['a new log under a known topic', fresh, kafka({ note: null, highest: formatVersion(7, 12n) }), 8],
    [
      'a schema of an older version restored',
      log({ pipeline: null, incarnation: null, epoch: 2 }),
      kafka(),
      4,
    ],
    ['another log under the same prefix', log({ incarnation: other, announced: other }), kafka(), 4],
    ['topics that were lost', log(), kafka({ note: null }), 4],
    ['a topic and a log that do not fit', log(), kafka({ mismatch: 'It lost its tail.' }), 4],
    ['a source restored from before a rise', log({ epoch: 2 }), kafka(), 4],
    ['an older relay that raised', log({ epoch: 5 }), kafka(), 6],
    ['a counter that Kafka has seen further on', log(), kafka({ highest: formatVersion(3, 101n) }), 4],
    ['a counter below what was used', log({ freshId: 99n }), kafka(), 4],
    ['a target that holds another one up to 41', log(), kafka({ demand: { epoch: 41, reason: 'r.' } }), 42],
    ['a target that holds another one up to now', log(), kafka({ demand: { epoch: 3, reason: 'r.' } }), 4],
  ])('R4: rises above everything for %s', (_what, state, seen, epoch) => {
    const decision = decideIdentity(state, seen);
    expect([decision.epoch, decision.pipeline]).toEqual([
      epoch,
      state.pipeline ?? seen.note?.pipeline ?? decision.pipeline,
    ]);
    expect(decision.incarnation).toMatch(/^[0-9a-f]{32}$/);
    expect([incarnation, other]).not.toContain(decision.incarnation);
    expect(decision.raised).toMatch(/\.$/);
  });

  it('R4: says what to do when no epoch is left', () => {
    const last = log({ epoch: MAX_EPOCH, freshId: 1n });
    expect(() => decideIdentity(last, kafka({ note: { ...note, epoch: MAX_EPOCH } }))).toThrow(
      /9222 is the last one: set up a new pipeline/,
    );
  });
});
