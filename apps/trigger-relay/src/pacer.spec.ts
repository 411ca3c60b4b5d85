import { Acknowledgements } from './acknowledgements';
import { Pacer } from './pacer';

/** A pacer of a log that never has anything, and how often it was waited for. */
function paced(submitted: Promise<void> = new Promise(() => {})) {
  let waits = 0;
  const wait = async () => void (waits += 1);
  const pacer = new Pacer({ wait }, { untilSubmitted: () => submitted, idle: true });
  const acks = new Acknowledgements(async () => {});
  const { signal } = new AbortController();
  const took = async (entries: number) => {
    const startedAt = performance.now();
    await pacer.pause(entries, acks, signal);
    return performance.now() - startedAt;
  };
  return { took, waits: () => waits };
}

describe('Pacer', () => {
  it('rests the longer after a round the more it had, and not at all after the first one', async () => {
    const { took } = paced();
    expect(await took(1)).toBeLessThan(15);
    expect(await took(1)).toBeGreaterThan(15);
    expect(await took(100)).toBeGreaterThan(75);
    expect(await took(1_999)).toBeGreaterThan(245);
  });

  it('asks for nothing between rounds that follow each other', async () => {
    const { took, waits } = paced();
    for (let round = 0; round < 5; round += 1) await took(1);
    // Before the first one there was no rest.
    expect(waits()).toBe(1);
    await took(0);
    expect(waits()).toBe(2);
  });

  it('lets no rows of a snapshot wait for the end of a rest', async () => {
    const { took } = paced(Promise.resolve());
    await took(1);
    expect(await took(1_999)).toBeLessThan(100);
  });
});
