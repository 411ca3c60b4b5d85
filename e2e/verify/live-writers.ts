import { setTimeout as sleep } from 'node:timers/promises';
import { SeededRandom } from '@tributary/testing';
import type { Connection } from 'mysql2/promise';
import type { Pipeline } from '../support/pipeline';

/** Rows of one statement. */
const ROWS = 10;
const WATCHED = 20;

/**
 * An application at work on its own rows of table `t`: updates, deletes and inserts, `perSecond` row changes as far as
 * the machine goes. Every change sets `n` to a number that only grows, so that a state that comes back can be seen.
 */
export class LiveWriters {
  readonly #random = new SeededRandom(7);
  #stopped = false;
  #work: Promise<unknown> = Promise.resolve();
  changes = 0;
  seconds = 0;
  /** What a target showed after something newer. */
  readonly regressions: string[] = [];

  constructor(
    private readonly pipeline: Pipeline,
    /** Its own from here on. */
    private readonly connection: Connection,
    private readonly ids: readonly number[],
    private readonly perSecond: number,
  ) {}

  start(): void {
    this.#work = Promise.all([this.#write(), this.#watch()]);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#work;
    this.connection.destroy();
  }

  async #write(): Promise<void> {
    const started = performance.now();
    for (let n = 1_000; !this.#stopped; n += 1) {
      const ids = Array.from({ length: ROWS }, () => this.#random.pick(this.ids));
      if (this.#random.chance(0.2)) await this.connection.query('DELETE FROM t WHERE id IN (?)', [ids]);
      else
        await this.connection.query(
          'INSERT INTO t (id, name, n) VALUES ? ON DUPLICATE KEY UPDATE name = VALUES(name), n = VALUES(n)',
          [ids.map((id) => [id, `live ${n}`, n])],
        );
      this.changes += ROWS;
      this.seconds = (performance.now() - started) / 1000;
      const early = (this.changes * 1000) / this.perSecond - this.seconds * 1000;
      if (early > 1) await sleep(early);
    }
  }

  async #watch(): Promise<void> {
    const { redis, database } = this.pipeline;
    const collection = this.pipeline.collection('t');
    const newest = new Map<string, number>();
    const see = (target: string, id: number, n: unknown) => {
      const row = `${target} ${id}`;
      const held = newest.get(row) ?? 0;
      if (Number(n) < held) this.regressions.push(`${row}: ${String(n)} after ${held}`);
      newest.set(row, Math.max(held, Number(n)));
    };
    for (let at = 0; !this.#stopped; at += 1) {
      const id = this.ids[at % WATCHED]!;
      const n = await redis.hget(`${database}:t:${id}`, 'n');
      if (n !== null) see('redis', id, n);
      const document = await collection.findOne({ _id: id as never });
      if (document) see('mongo', id, document['n']);
      await sleep(10);
    }
  }
}
