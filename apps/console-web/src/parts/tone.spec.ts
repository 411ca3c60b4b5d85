import { toneOfJob, toneOfLag, toneOfState, toneOfVerdict } from './tone';

test.each([
  [null, 'quiet'],
  [0, 'ok'],
  [10, 'warn'],
  [99.9, 'warn'],
  [100, 'trouble'],
] as const)('a lag of %p seconds is %p', (seconds, tone) => {
  expect(toneOfLag(seconds)).toBe(tone);
});

test('a row on its way is no trouble, a refused or foreign one is', () => {
  expect(toneOfVerdict.BEFORE_SINK).toBe('busy');
  expect(toneOfVerdict.DEAD_LETTER).toBe('trouble');
  expect(toneOfVerdict.FOREIGN_EDIT).toBe('trouble');
});

test('a running service is well, a running job has no result yet', () => {
  expect([toneOfState('running'), toneOfJob('running')]).toEqual(['ok', 'busy']);
});

test('a state of a newer server has no colour that could mislead', () => {
  expect(toneOfState('constructor')).toBe('quiet');
});
