import { parseSyncConfig } from '@tributary/sync-config';
import { loadStagesOf, stagesOf } from './stages';

const config = parseSyncConfig('topics: { prefix: p }\ntables: [{ table: a.b }]');

describe('stages', () => {
  it('read live changes and loads by groups of their own, so that a rebalance of the one is none of the other', () => {
    expect(stagesOf(config)).toEqual([
      { group: 'p.validator', topic: 'p.changes' },
      { group: 'p.mongo-sink', topic: 'p.validated' },
      { group: 'p.redis-sink', topic: 'p.validated' },
    ]);
    expect(loadStagesOf(config)).toEqual([
      { group: 'p.validator-loads', topic: 'p.loads' },
      { group: 'p.mongo-sink-loads', topic: 'p.validated-loads' },
      { group: 'p.redis-sink-loads', topic: 'p.validated-loads' },
    ]);
  });
});
