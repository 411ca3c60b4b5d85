import { instanceState, mixed } from './instance-state';

const of = (version: string | null, config: string | null, alive = true) => ({ version, config, alive });

test('a dead instance of an older version mixes nothing', () => {
  expect(mixed([of('0.2', 'a'), of('0.1', 'b', false)])).toEqual([]);
});

test('living instances that differ are named, and one that does not say is no difference', () => {
  expect(mixed([of('0.2', 'a'), of('0.1', 'a'), of(null, 'b')])).toEqual(['version', 'sync file']);
  expect(mixed([of('0.2', 'a'), of(null, null)])).toEqual([]);
});

test('an instance that is not ready waits, a silent one has stopped', () => {
  expect(instanceState({ alive: true, ready: false })).toBe('waiting');
  expect(instanceState({ alive: false, ready: true })).toBe('stopped');
});
