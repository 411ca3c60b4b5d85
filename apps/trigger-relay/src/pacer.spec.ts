import { Acknowledgements } from './acknowledgements';
import { Pacer } from './pacer';

/** A pacer of a log that never has anything, how often it was waited for, and when entries were acknowledged. */
function paced() {
  let waits = 0;
  let submit = () => {};
  const submitted = new Promise<void>((resolve) => (submit = resolve));
  const outlet = { untilSubmitted: () => submitted, idle: true };
  const pacer = new Pacer({ wait: async () => void (waits += 1) }, outlet);
  const acknowledged: number[] = [];
  const acks = new Acknowledgements(async () => void acknowledged.push(performance.now()));
  const { signal } = new AbortController();
  const took = async (entries: number) => {
    const startedAt = performance.now();
    await pacer.pause(entries, acks, signal);
    return performance.now() - startedAt;
  };
  const rowsOfASnapshot = () => {
    outlet.idle = false;
    submit();
  };
  return { took, acks, acknowledged, waits: () => waits, rowsOfASnapshot };
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

  it('R12: acknowledges within a rest what falls due in it', async () => {
    const { took, acks, acknowledged } = paced();
    await took(1);
    acks.hold([1n]);
    const heldAt = performance.now();
    expect(await took(1_999)).toBeGreaterThan(245);
    expect(acknowledged).toHaveLength(1);
    expect(acknowledged[0]! - heldAt).toBeLessThan(200);
  });

  it('lets no rows of a snapshot wait for the end of a rest', async () => {
    const { took, rowsOfASnapshot } = paced();
    await took(1);
    setTimeout(rowsOfASnapshot, 20);
    expect(await took(1_999)).toBeLessThan(150);
  });
});
