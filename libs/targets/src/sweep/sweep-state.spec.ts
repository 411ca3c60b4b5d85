import { formatVersion, type Version } from '@tributary/contract';
import {
  isDue,
  loadBegan,
  loadEnded,
  partitionMissed,
  sweepDone,
  type Feed,
  type SweepState,
} from './sweep-state';

const [older, newer] = [formatVersion(1, 10n), formatVersion(1, 20n)];
const begun = (floor: Version, partitions: number[], state?: SweepState, feed: Feed = 'live') =>
  partitions.reduce<SweepState | undefined>(
    (held, partition) => loadBegan(held, floor, { feed, partition }),
    state,
  )!;
/** Of a load of three partitions. */
const ended = (floor: Version, partitions: number[], state: SweepState | undefined, feed: Feed = 'live') =>
  partitions.reduce(
    (held, partition) => loadEnded(held, { floor, partitions: 3 }, { feed, partition }),
    state,
  );
const missed = (state: SweepState, partition: number, feed: Feed = 'live') =>
  partitionMissed(state, { feed, partition });

describe('the state of a sweep', () => {
  it('R5: is due when every partition has passed beginning and end, in any order and repetition', () => {
    let state = ended(older, [1, 1], begun(older, [1]));
    state = ended(older, [0], begun(older, [0, 1], state));
    expect(isDue(state, older, 3)).toBe(false);
    state = ended(older, [2, 0], begun(older, [2, 0], state));
    expect(isDue(state, older, 3)).toBe(true);
    expect(isDue(sweepDone(state!), older, 3)).toBe(false);
    expect(isDue(begun(older, [0, 1, 2], sweepDone(state!)), older, 3)).toBe(false);
  });

  it('R5: an end whose beginning was not seen proves nothing', () => {
    expect(ended(older, [0], undefined)).toBeUndefined();
    const state = ended(older, [0, 1], begun(older, [0]));
    expect(isDue(state, older, 2)).toBe(false);
  });

  it('R12: nor does one behind events that were missed', () => {
    const state = missed(ended(older, [0, 1], begun(older, [0, 1]))!, 1);
    expect(isDue(ended(older, [1], state), older, 2)).toBe(false);
  });

  it('R4: a newer load takes the place of an older one, never the other way round', () => {
    const replaced = begun(newer, [0], ended(older, [0, 1], begun(older, [0, 1])));
    expect(isDue(ended(older, [0, 1], replaced), older, 2)).toBe(false);
    expect(begun(older, [1], replaced)).toBe(replaced);
    expect(isDue(ended(newer, [0, 1], begun(newer, [1], replaced)), newer, 2)).toBe(true);
  });

  it('R5: partitions of the topic of loads are not taken for those of the live one', () => {
    const state = begun(newer, [0, 1], undefined, 'loads');
    // As of a control record that was a dead letter and comes back by the live topic.
    expect(begun(newer, [0], state)).toBe(state);
    expect(isDue(ended(newer, [0, 1], state), newer, 2)).toBe(false);
    expect(isDue(ended(newer, [0, 1], state, 'loads'), newer, 2)).toBe(true);
    const live = begun(newer, [0]);
    expect(isDue(ended(newer, [1], begun(newer, [1], live, 'loads'), 'loads'), newer, 1)).toBe(false);
  });

  it('R4: of two loads, one on each topic, the newer takes the place of the older', () => {
    const bulk = begun(newer, [0], ended(older, [0], begun(older, [0, 1])), 'loads');
    expect(isDue(ended(older, [1], bulk), older, 2)).toBe(false);
    expect(isDue(ended(newer, [0, 1], begun(newer, [1], bulk, 'loads'), 'loads'), newer, 2)).toBe(true);
    const live = begun(newer, [0, 1], begun(older, [0, 1], undefined, 'loads'));
    expect(ended(older, [0, 1], live, 'loads')).toBe(live);
    expect(begun(older, [0], live, 'loads')).toBe(live);
    expect(isDue(ended(newer, [0, 1], live), newer, 2)).toBe(true);
  });

  it('R12: what one topic has lost says nothing of a load on the other', () => {
    const state = ended(newer, [0, 1], begun(newer, [0, 1], undefined, 'loads'), 'loads')!;
    expect(isDue(missed(state, 1), newer, 2)).toBe(true);
    expect(isDue(missed(state, 1, 'loads'), newer, 2)).toBe(false);
  });

  it('R6: that a load was complete stays known when a newer one begins', () => {
    const whole = ended(older, [0, 1, 2], begun(older, [0, 1, 2]))!;
    expect(ended(older, [0, 1], begun(older, [0, 1, 2]))!.complete).toBeUndefined();
    expect(whole).toMatchObject({ swept: false, complete: older });
    const next = begun(newer, [0], whole, 'loads');
    expect(next.complete).toBe(older);
    expect(missed(next, 0, 'loads').complete).toBe(older);
    expect(ended(newer, [0, 1, 2], begun(newer, [1, 2], next, 'loads'), 'loads')!.complete).toBe(newer);
  });
});
