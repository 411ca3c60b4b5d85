import { lanesOf, type Stage } from './lanes';

const stage = (name: string): Stage => ({
  stage: name,
  state: 'running',
  instances: 1,
  lagEvents: 0,
  lagSeconds: 0,
  perSecond: 0,
  blockedBy: null,
  since: null,
});

test('relay and validator are shared, and each sink stands before its own target', () => {
  const stages = ['trigger-relay', 'validator', 'mongo-sink', 'redis-sink'].map(stage);
  const { shared, lanes } = lanesOf({ stages, targets: ['redis', 'mongo'] });
  expect(shared.map((one) => one.stage)).toEqual(['trigger-relay', 'validator']);
  expect(lanes.map(({ target, sink }) => [target, sink?.stage])).toEqual([
    ['redis', 'redis-sink'],
    ['mongo', 'mongo-sink'],
  ]);
});

test('a target whose sink says nothing has a lane all the same', () => {
  expect(lanesOf({ stages: [], targets: ['mongo'] }).lanes).toEqual([{ target: 'mongo', sink: undefined }]);
});
