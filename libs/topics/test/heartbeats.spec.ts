import { HeartbeatPublisher, readHeartbeats, type Heartbeat } from '../src';
import { Pipelines } from './support';

jest.setTimeout(60_000);

describe('heartbeats', () => {
  const bench = new Pipelines();
  const publisher = bench.kafka().publisher();

  beforeAll(() => publisher.start());
  afterAll(async () => {
    await publisher.stop();
    await bench.clear();
  });

  it('are the last of every instance that has not retired', async () => {
    const { topics } = await bench.pipeline(1);
    const beats = new HeartbeatPublisher(publisher, topics.heartbeats);
    const beat = (instance: string, at: string): Heartbeat => ({
      ...{
        app: 'validator',
        instance,
        pid: 1,
        host: 'h',
        port: 1,
        startedAt: at,
        at,
        ready: true,
        trouble: null,
      },
      ...{ tables: {}, lagEvents: null },
    });
    await beats.publish(beat('one', '2026-01-01T00:00:00Z'));
    await beats.publish(beat('two', '2026-01-01T00:00:01Z'));
    await beats.publish(beat('one', '2026-01-01T00:00:02Z'));
    await beats.retire({ app: 'validator', instance: 'two' });
    await publisher.send(topics.heartbeats, [{ key: 'validator/three', value: 'no json' }]);
    expect(await readHeartbeats(bench.kafka(), topics.heartbeats)).toEqual([
      beat('one', '2026-01-01T00:00:02Z'),
    ]);
  });
});
