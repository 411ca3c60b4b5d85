import { header } from '@tributary/change-event';
import { RelayBench } from './relay-bench';

const MEGABYTE = 2 ** 20;

describe('the start of a term on a topic of large records', () => {
  const bench = new RelayBench(undefined, 4);
  beforeAll(() => bench.open());
  afterAll(() => bench.close());

  it('R13: keeps numbers of them, not the records', async () => {
    await bench.start().untilLeading();
    await bench.stopAll();
    const value = Buffer.alloc(2 * MEGABYTE, 'x');
    const headers = { [header.version]: '0000000000000000001' };
    for (let round = 0; round < 16; round += 1)
      await bench.publisher.send(
        bench.config.topics.changes,
        [0, 1, 2, 3].map((partition) => ({ key: `k${round}`, value, headers, partition })),
      );
    // As a relay of an older version leaves it: the ends of all partitions are looked at.
    await bench.admin.query(`UPDATE ${bench.captureSchema}.relay_state SET published = NULL`);
    globalThis.gc?.();
    const before = process.memoryUsage().arrayBuffers;
    let peak = 0;
    const timer = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
    }, 5);
    const relay = await bench.start().untilLeading();
    clearInterval(timer);
    expect(relay.identity?.epoch).toBe(1);
    // All of them are 128 MB.
    expect(peak).toBeLessThan(64 * MEGABYTE);
  });
});
