import type { mongo } from 'mongoose';

/** So long a reading counts, milliseconds; then the server is asked again. */
const READING_MS = 60_000;

/**
 * The server's clock, as of its last `hello`, carried on by this process's monotonic time: what this machine takes for
 * the date plays no part. Off by the time that one answer took.
 */
export class ServerClock {
  #reading: { readonly serverMs: number; readonly taken: number } | undefined;

  constructor(private readonly client: mongo.MongoClient) {}

  /** `undefined` where the server does not tell its time. */
  async now(): Promise<Date | undefined> {
    if (!this.#reading || performance.now() - this.#reading.taken > READING_MS) {
      const { localTime } = await this.client.db('admin').command({ hello: 1 });
      const serverMs = localTime instanceof Date ? localTime.getTime() : NaN;
      this.#reading = { serverMs, taken: performance.now() };
    }
    const { serverMs, taken } = this.#reading;
    return Number.isNaN(serverMs) ? undefined : new Date(serverMs + performance.now() - taken);
  }
}
