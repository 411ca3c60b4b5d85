import { setTimeout as sleep } from 'node:timers/promises';
import { settledWithin, within } from './deadline';

const never = new Promise<never>(() => undefined);
const tooLate = () => {
  throw new Error('late');
};

describe('within', () => {
  it('gives what the work gives', async () => {
    expect(await within(sleep(1, 'work'), 10_000, tooLate)).toBe('work');
  });

  it('throws what the work throws', async () => {
    await expect(within(Promise.reject(new Error('work')), 10_000, tooLate)).rejects.toThrow('work');
  });

  it('gives or throws what was asked for when it is late', async () => {
    expect(await within(never, 5, () => 0)).toBe(0);
    await expect(within(never, 5, tooLate)).rejects.toThrow('late');
  });

  it('does not hear work that fails too late', async () => {
    const heard = jest.fn();
    process.on('unhandledRejection', heard);
    const work = sleep(20).then(() => Promise.reject(new Error('work')));
    expect(await within(work, 1, () => 'late')).toBe('late');
    await sleep(40);
    process.off('unhandledRejection', heard);
    expect(heard).not.toHaveBeenCalled();
  });

  it('leaves no timer behind', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    await within(Promise.resolve(), 60_000, tooLate);
    expect(timers()).toBe(before);
  });

  it('keeps the process alive only where it is asked to', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const unref = within(sleep(1), 60_000, tooLate, { ref: false });
    expect(timers()).toBe(before + 1); // that of the work
    const ref = within(sleep(1), 60_000, tooLate);
    expect(timers()).toBe(before + 3);
    await Promise.all([unref, ref]);
  });
});

describe('settledWithin', () => {
  it('says whether the work settled, however it did', async () => {
    expect(await settledWithin(sleep(1), 10_000)).toBe(true);
    expect(await settledWithin(Promise.reject(new Error('work')), 10_000)).toBe(true);
    expect(await settledWithin(never, 5)).toBe(false);
  });
});
