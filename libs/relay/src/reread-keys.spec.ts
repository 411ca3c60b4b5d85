import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { RereadKeys } from './reread-keys';

/** Bytes, without what is garbage by now. */
function held(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

describe('RereadKeys', () => {
  it('R3: a key counts until a read that began after its row was read has found the log’s end', () => {
    const keys = new RereadKeys();
    keys.note('t', 'a');
    expect([keys.has('t', 'a'), keys.has('t', 'b'), keys.has('u', 'a')]).toEqual([true, false, false]);
    keys.endRound(true);
    expect(keys.has('t', 'a')).toBe(true);
    keys.note('t', 'b');
    keys.endRound(false);
    expect([keys.has('t', 'a'), keys.has('t', 'b')]).toEqual([true, true]);
    keys.endRound(true);
    expect([keys.has('t', 'a'), keys.none]).toEqual([false, true]);
  });

  it('R13: keys of a backlog take a MiB in all, and none of them is forgotten', () => {
    const keys = new RereadKeys();
    const name = (at: number) => `{"id":${at}}`;
    const before = held();
    for (let at = 0; at < 200_000; at += 1) {
      keys.note('shop.orders', name(at));
      if (at % 2_000 === 1_999) keys.endRound(false);
    }
    expect(held() - before).toBeLessThan(8 << 20);
    for (let at = 0; at < 200_000; at += 97) expect(keys.has('shop.orders', name(at))).toBe(true);
    let mistaken = 0;
    for (let at = 0; at < 10_000; at += 1) if (keys.has('shop.orders', `other ${at}`)) mistaken += 1;
    expect(mistaken).toBeLessThan(1_000);
    keys.endRound(true);
    keys.endRound(true);
    expect(keys.none).toBe(true);
  }, 60_000);
});
