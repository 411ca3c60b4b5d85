import { formatVersion, type Version } from '@tributary/contract';
import { isDue, loadBegan, loadEnded, partitionMissed, sweepDone, type SweepState } from './sweep-state';

const [older, newer] = [formatVersion(1, 10n), formatVersion(1, 20n)];
const begun = (floor: Version, partitions: number[], state?: SweepState) =>
  partitions.reduce<SweepState | undefined>((held, partition) => loadBegan(held, floor, partition), state)!;
const ended = (floor: Version, partitions: number[], state: SweepState | undefined) =>
  partitions.reduce((held, partition) => loadEnded(held, floor, partition), state);

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
    const state = partitionMissed(ended(older, [0, 1], begun(older, [0, 1]))!, 1);
    expect(isDue(ended(older, [1], state), older, 2)).toBe(false);
  });

  it('R4: a newer load takes the place of an older one, never the other way round', () => {
    const replaced = begun(newer, [0], ended(older, [0, 1], begun(older, [0, 1])));
    expect(isDue(ended(older, [0, 1], replaced), older, 2)).toBe(false);
    expect(begun(older, [1], replaced)).toBe(replaced);
    expect(isDue(ended(newer, [0, 1], begun(newer, [1], replaced)), newer, 2)).toBe(true);
  });
});
