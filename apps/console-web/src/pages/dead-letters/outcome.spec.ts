import { replaySentence } from './outcome';

const answer = {
  replayed: 3,
  events: 3,
  rejectedAgain: 0,
  waitsFor: null,
  targets: { mongo: { applied: 3, superseded: 0, rejected: 0, pending: 0 } },
  notReplayable: 0,
  listed: [],
};

test('a replay that went well is short', () => {
  expect(replaySentence(answer)).toBe('3 were applied; 3 replayed');
});

test('what was refused again comes first', () => {
  expect(replaySentence({ ...answer, rejectedAgain: 2 })).toMatch(/^2 were refused again/);
});
