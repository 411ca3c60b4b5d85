import type { Heartbeat } from '@tributary/topics';
import { InstanceWatch, SILENT_MS } from './instance-watch';

describe('instance watch', () => {
  let now = 0;
  beforeEach(() => void jest.spyOn(performance, 'now').mockImplementation(() => now));
  afterEach(() => jest.restoreAllMocks());

  it('an instance lives when its heartbeat changes, whatever its time says, and is gone when it does not', async () => {
    let heartbeats: Record<string, string> = { a: '2001', b: '2031' };
    const watch = new InstanceWatch(async () =>
      Object.entries(heartbeats).map(([instance, at]) => ({ instance, at }) as Heartbeat),
    );
    const standing = async (...instances: string[]) => instances.map(await watch.look());
    expect(await standing('a', 'b', 'none')).toEqual(['unsure', 'unsure', 'gone']);
    now += SILENT_MS - 1;
    heartbeats = { a: '2000', b: '2031' };
    expect(await standing('a', 'b')).toEqual(['lives', 'unsure']);
    now += 1;
    expect(await standing('a', 'b')).toEqual(['lives', 'gone']);
    now += SILENT_MS;
    heartbeats = { a: '2000', b: '2032' };
    expect(await standing('a', 'b')).toEqual(['gone', 'lives']);
    heartbeats = {};
    expect(await standing('b')).toEqual(['gone']);
  });
});
