import { Acknowledgements } from './acknowledgements';

describe('acknowledgements', () => {
  let now = 0;
  let done: bigint[][] = [];
  const acks = () =>
    new Acknowledgements(
      async (ids) => void done.push([...ids]),
      () => now,
    );
  const ids = (count: number) => Array.from({ length: count }, (_, id) => BigInt(id));
  beforeEach(() => {
    [now, done] = [1_000, []];
  });

  it('R12: settles exactly what it holds, once', async () => {
    const some = acks();
    expect([some.dueMs, some.held]).toEqual([Infinity, []]);
    some.hold([3n, 1n]);
    some.hold([7n]);
    expect(some.held).toEqual([3n, 1n, 7n]);
    await some.settle();
    await some.settle();
    expect([done, some.held, some.dueMs]).toEqual([[[3n, 1n, 7n]], [], Infinity]);
  });

  it('is due a while after the first of them, however many follow, and at once when they are many', () => {
    const some = acks();
    some.hold([1n]);
    expect(some.dueMs).toBe(100);
    now += 60;
    some.hold([2n]);
    expect(some.dueMs).toBe(40);
    now += 90;
    expect(some.dueMs).toBe(0);
    const many = acks();
    many.hold(ids(499));
    expect(many.dueMs).toBe(100);
    many.hold(ids(1));
    expect(many.dueMs).toBe(0);
  });

  it('R12: what could not be acknowledged is still held', async () => {
    const some = new Acknowledgements(() => Promise.reject(new Error('gone')));
    some.hold([1n]);
    await expect(some.settle()).rejects.toThrow('gone');
    expect(some.held).toEqual([1n]);
  });
});
