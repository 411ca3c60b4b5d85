import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below the ranges from which the systems give ports to outgoing connections, and to servers that ask for any (Linux 32768 up,
 * macOS 49152 up). A port of those may be somebody else's before our server has it, or while it is down for a moment; and a
 * client that reconnects in a loop would be connected to itself.
 */
const lowest = 20_000;
const highest = 31_999;
const ATTEMPTS = 200;

/** True when nobody listens on the loopback port. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** A loopback port for a server that is about to start: nobody listens on it, and it is none of `kept`. */
export async function freePort(kept: ReadonlySet<number> = new Set()): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = randomInt(lowest, highest + 1);
    if (!kept.has(port) && (await isFree(port))) return port;
  }
  throw new Error(
    `No free port was found between ${lowest} and ${highest} on 127.0.0.1; stop what occupies them.`,
  );
}
