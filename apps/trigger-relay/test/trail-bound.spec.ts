import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { header } from '@tributary/contract';
import { RelayFixture } from './relay-fixture';

const MEGABYTE = 2 ** 20;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Of buffers that somebody still refers to: when garbage goes is the collector's business. */
function heldBytes(): number {
  collect();
  return process.memoryUsage().arrayBuffers;
}

/** The most bytes held at a time. A look costs a collection, so most of the time is left to what is looked at. */
async function peakUntil(end: Promise<unknown>): Promise<number> {
  let peak = 0;
  let ended = false;
  const done = end.finally(() => (ended = true));
  while (!ended) {
    const start = performance.now();
    peak = Math.max(peak, heldBytes());
    await Promise.race([done, setTimeout(3 * (performance.now() - start))]);
  }
  return peak;
}

describe('the start of a term on a topic of large records', () => {
  const fixture = new RelayFixture(undefined, 4);
  beforeAll(() => fixture.open());
  afterEach(() => fixture.stopAll());
  afterAll(() => fixture.close());

  it('R13: keeps numbers of them, not the records', async () => {
    await fixture.start().untilLeading();
    await fixture.stopAll();
    const value = Buffer.alloc(2 * MEGABYTE, 'x');
    const headers = { [header.version]: '0000000000000000001' };
    for (let round = 0; round < 16; round += 1)
      await fixture.publisher.send(
        fixture.config.topics.changes,
        [0, 1, 2, 3].map((partition) => ({ key: `k${round}`, value, headers, partition })),
      );
    // As a relay of an older version leaves it: the ends of all partitions are looked at.
    await fixture.admin.query(`UPDATE ${fixture.captureSchema}.relay_state SET published = NULL`);
    const before = heldBytes();
    const relay = fixture.start();
    const peak = await peakUntil(relay.untilLeading());
    expect(relay.identity?.epoch).toBe(1);
    // All of them are 128 MB. Seen: 42 with answers of 4 MB, 110 with unbounded ones.
    expect(peak).toBeLessThan(before + 64 * MEGABYTE);
  });
});
