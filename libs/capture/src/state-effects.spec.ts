import { parseSyncConfig } from '@tributary/sync-config';
import { isMendable, missedTables, stateEffects } from './state-effects';
import type { CaptureState } from './status';

const config = parseSyncConfig('tables: [{ table: d.t }, { table: d.child }]');
const states = Object.keys(stateEffects) as CaptureState[];
const missedIn = (state: CaptureState, more = {}) => missedTables({ table: 'd.t', state, ...more }, config);

describe('what states of capture mean', () => {
  it('R11: triggers that were not there, or said something else, may have missed changes', () => {
    expect(states.filter((state) => missedIn(state).length > 0)).toEqual(['missing', 'stale', 'changed']);
  });

  it('changes of a table that was exchanged are those of the table that has its name now', () => {
    expect(missedIn('moved', { table: 'd.old', home: 'd.t' })).toEqual(['d.t']);
    // Renamed, and nothing has its old name: it may come back.
    expect([missedIn('moved'), isMendable({ state: 'moved' })]).toEqual([[], false]);
  });

  it('R8: a parent that is not captured has missed nothing itself, its children have', () => {
    const children = ['d.child'];
    expect(missedIn('missing', { table: 'd.parent', children })).toEqual(children);
    expect(missedIn('missing', { children })).toEqual(['d.t', 'd.child']);
    expect(missedIn('overtaken', { children })).toEqual(children);
  });

  it('only what is captured as it should be, or cannot be, is not to be mended', () => {
    const left = states.filter((state) => !isMendable({ state, home: 'd.t' }));
    expect(left).toEqual(['ok', 'suspended', 'orphan', 'copied']);
  });
});
