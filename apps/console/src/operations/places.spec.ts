import { Places } from './places';

describe('places', () => {
  const endless = () => new Promise<never>(() => undefined);
  const refusal = (status: number) => expect.objectContaining({ status, code: 'BUSY' }) as unknown;

  it('one caller leaves the others theirs', async () => {
    const places = new Places(5, 2);
    for (let at = 0; at < 2; at += 1) void places.hold('vera', endless);
    await expect(places.hold('vera', async () => 1)).rejects.toEqual(refusal(429));
    expect(await places.hold('olga', async () => 1)).toBe(1);
  });

  it('all together have no more than there are, and what has ended, or failed, is free again', async () => {
    const places = new Places(2, 2);
    void places.hold('vera', endless);
    let end!: () => void;
    const held = places.hold('olga', () => new Promise<void>((resolve) => (end = resolve)));
    await expect(places.hold('otto', async () => 1)).rejects.toEqual(refusal(503));
    end();
    await held;
    await expect(places.hold('otto', () => Promise.reject(new Error('x')))).rejects.toThrow('x');
    expect(await places.hold('otto', async () => 1)).toBe(1);
  });
});
