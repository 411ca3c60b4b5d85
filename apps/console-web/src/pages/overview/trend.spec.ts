import { trendOf, trendSentence } from './trend';

const start = Date.parse('2026-11-29T10:00:00Z');
const points = (...lags: (number | null)[]) =>
  lags.map((lagSeconds, at) => ({
    at: new Date(start + at * 30_000).toISOString(),
    lagSeconds,
    perSecond: null,
  }));

test('a lag that shrinks says when it will be gone', () => {
  expect(trendOf(points(500, 120, 90, 60, 30, 30))).toMatchObject({ now: 30, most: 500 });
  expect(trendOf(points(120, 90, 60)).secondsToCatchUp).toBe(60);
});

test('a lag that grows never says that it will be gone', () => {
  expect(trendOf(points(0, 30, 60))).toEqual({ now: 60, most: 60, perMinute: 60, secondsToCatchUp: null });
});

test('what was not known is no zero', () => {
  expect(trendOf(points(40, null, 40))).toMatchObject({ now: 40, perMinute: 0 });
  expect(trendOf(points(null)).now).toBeNull();
  expect(trendOf([]).most).toBeNull();
});

test('a jitter of tenths is neither growth nor catching up', () => {
  expect(trendSentence(points(0.2, 0.4, 0.3))).toBe('The lag is 0.3 s, at most 0.4 s in the last hour.');
});
