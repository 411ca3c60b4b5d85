import { createServer, type AddressInfo } from 'node:net';
import { freePort, isFree } from './free-port';

describe('freePort', () => {
  it('is none that the system gives to others meanwhile', async () => {
    const ports = await Promise.all(Array.from({ length: 50 }, () => freePort()));
    expect(Math.max(...ports)).toBeLessThan(32_768);
    expect(Math.min(...ports)).toBeGreaterThan(1_023);
  });

  it('is none that somebody listens on, or that is kept', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    expect(await isFree((server.address() as AddressInfo).port)).toBe(false);
    server.close();
    const all = Array.from({ length: 12_000 }, (_, at) => 20_000 + at);
    await expect(freePort(new Set(all))).rejects.toThrow(/No free port/);
  });
});
