import { formatVersion } from '@tributary/change-event';
import { decideEpoch } from './epoch';

describe('epoch (R4)', () => {
  const at = (epoch: number, highId: bigint, freshId: bigint) => ({ epoch, highId, freshId });

  it('R4: stays while the counter goes on', () => {
    expect(decideEpoch(at(3, 99n, 101n), formatVersion(3, 100n))).toEqual({ epoch: 3, reason: null });
    expect(decideEpoch(at(3, 99n, 100n), null)).toEqual({ epoch: 3, reason: null });
    expect(decideEpoch(at(3, 99n, 100n), formatVersion(2, 5000n)).epoch).toBe(3);
  });

  it.each([
    ['a new log', at(0, 0n, 1n), null, 1],
    ['a new log under a known topic', at(0, 0n, 1n), formatVersion(7, 12n), 8],
    ['a counter that Kafka has seen further on', at(3, 0n, 100n), formatVersion(3, 100n), 4],
    ['a counter below what was acknowledged', at(3, 100n, 100n), null, 4],
    ['a source restored from before the last rise', at(2, 10n, 5000n), formatVersion(3, 4n), 4],
  ])('R4: rises for %s', (_what, state, highest, epoch) => {
    const decision = decideEpoch(state, highest);
    expect(decision.epoch).toBe(epoch);
    expect(decision.reason).toMatch(/\.$/);
  });
});
