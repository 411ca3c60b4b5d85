import { setTimeout as sleep } from 'node:timers/promises';
import { slowWait } from './slow-wait';

describe('slowWait', () => {
  it('tells of a slow wait, never of a quick one, and stops with it', async () => {
    const told: number[] = [];
    expect(await slowWait(Promise.resolve(1), (seconds) => told.push(seconds), 20)).toBe(1);
    await sleep(60);
    expect(told).toEqual([]);
    await slowWait(sleep(120), (seconds) => told.push(seconds), 20);
    expect(told.length).toBeGreaterThan(1);
    const count = told.length;
    await sleep(60);
    expect(told).toHaveLength(count);
  });

  it('gives the failure of the work, not that of the telling', async () => {
    const failing = sleep(60).then(() => Promise.reject(new Error('work')));
    const tell = () => {
      throw new Error('words');
    };
    await expect(slowWait(failing, tell, 10)).rejects.toThrow('work');
    expect(await slowWait(sleep(40, 2), tell, 10)).toBe(2);
  });
});
