import { RollingFloor } from './floor';

describe('RollingFloor', () => {
  it('tells who asks after its end that it was stopped, instead of leaving him to wait', async () => {
    const floor = new RollingFloor('mysql://nobody@127.0.0.1:9', 'tributary');
    const before = floor.waitFor(1n);
    await floor.stop();
    await expect(before).rejects.toThrow('The floor was stopped.');
    await expect(floor.waitFor(1n)).rejects.toThrow('The floor was stopped.');
  });
});
