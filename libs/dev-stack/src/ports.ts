import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { allStates } from './state';

/**
 * Below the ranges from which the systems give ports to outgoing connections (Linux 32768 up, macOS 49152 up).
 * A server that is down for a moment would otherwise lose its port to a client, or a client that reconnects in a
 * loop would be connected to itself.
 */
const lowest = 20_000;
const highest = 31_999;

/** True when nobody listens on the loopback port. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** A port that nobody listens on and that no stack of this clone keeps for itself. */
export async function pickPort(taken: readonly number[] = []): Promise<number> {
  const kept = new Set([
    ...taken,
    ...allStates().flatMap(({ servers }) =>
      Object.values(servers).flatMap((s) => [s.port, s.innerPort ?? 0]),
    ),
  ]);
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = randomInt(lowest, highest + 1);
    if (!kept.has(port) && (await isFree(port))) return port;
  }
  throw new Error(
    `No free port was found between ${lowest} and ${highest} on 127.0.0.1; stop what occupies them.`,
  );
}
