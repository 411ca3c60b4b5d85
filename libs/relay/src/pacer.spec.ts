import { Acknowledgements } from './acknowledgements';
import { Pacer } from './pacer';

/** A pacer of a log that never has anything, how often it was waited for, and what was acknowledged. */
function paced(now?: () => number) {
  let waits = 0;
  let submit = () => {};
  const submitted = new Promise<void>((resolve) => (submit = resolve));
  const outlet = { untilSubmitted: () => submitted, idle: true };
  const pacer = new Pacer({ wait: async () => void (waits += 1) }, outlet, now);
  const acknowledged: bigint[] = [];
  const acks = new Acknowledgements(async (ids) => void acknowledged.push(...ids));
  const { signal } = new AbortController();
  let begunAt = performance.now();
  /** Lets a round with so many entries end; answers how long after its begin the next one begins, ms. */
  const next = async (entries: number) => {
    const before = begunAt;
    await pacer.pause(entries, acks, signal);
    begunAt = performance.now();
    return begunAt - before;
  };
  const rowsOfASnapshot = () => {
    outlet.idle = false;
    submit();
  };
  return { next, acks, acknowledged, waits: () => waits, rowsOfASnapshot };
}

/** Of a round with very many entries, ms; timers may be a millisecond early. */
const LONGEST = 248;

describe('Pacer', () => {
  it('lets rounds begin the farther apart the more they had', async () => {
    const { next } = paced();
    await next(1);
    expect(await next(1)).toBeGreaterThan(18);
    expect(await next(100)).toBeGreaterThan(78);
    expect(await next(1_999)).toBeGreaterThan(LONGEST);
  });

  it('asks for nothing between rounds that follow each other', async () => {
    // A clock that no busy machine lets jump.
    let ms = 0;
    const { next, waits } = paced(() => (ms += 2));
    for (let round = 0; round < 5; round += 1) await next(1);
    // Before the first one there was no rest.
    expect(waits()).toBe(1);
    await next(0);
    expect(waits()).toBe(2);
  });

  it('R12: acknowledges within a rest what falls due in it', async () => {
    const { next, acks, acknowledged } = paced();
    await next(1);
    acks.hold([1n]);
    await next(1_999);
    expect(acknowledged).toHaveLength(1);
  });

  it('lets no rows of a snapshot wait for the end of a rest', async () => {
    const { next, rowsOfASnapshot } = paced();
    await next(1);
    setTimeout(rowsOfASnapshot, 20);
    expect(await next(1_999)).toBeLessThan(LONGEST);
  });
});
