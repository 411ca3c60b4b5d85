import type { Redis } from 'ioredis';
import { chunked, fatal } from '@tributary/kernel';
import type { ScanEntry, TargetScan } from '../../scan/target-scan';
import type { ViewedTable } from '../../target-view';
import { evaluate } from '../scripts/evaluate';
import { DIGEST, digestHead } from '../view/redis-digest';
import { RedisKeyParser } from '../view/redis-key-parser';
import { layoutOf, type RedisLayout } from '../view/redis-layout';
import { BOOKKEEPING, redisLists } from '../view/redis-view';
import { keyDigest, nameDigest } from './entry-digest';
import { scanScript } from './scan-script';

/** A cursor of SCAN cannot be divided: the index set and the keys are one part each. */
export const redisParts = ['index', 'keys'] as const;

const MEMBERS = 1_000;
/** SCAN walks the keys of everybody: fewer, longer steps, each of some milliseconds. */
const SCAN_COUNT = 5_000;
/** Keys of one call of the script, and calls that are under way together. */
const CALL_KEYS = 100;
const CALLS = 8;

/** Reads a table's keys and its index set in Redis. */
export class RedisScan implements TargetScan {
  readonly #layout: RedisLayout;
  readonly #parser: RedisKeyParser;
  readonly #head: readonly string[];

  constructor(
    private readonly table: ViewedTable,
    private readonly redis: Redis,
  ) {
    this.#layout = layoutOf(table);
    this.#parser = new RedisKeyParser(table);
    this.#head = this.#several ? ['text', '0'] : digestHead(table);
  }

  entries(part: string, wanted: (name: string) => boolean = () => true): AsyncIterable<ScanEntry[]> {
    switch (part as (typeof redisParts)[number]) {
      case 'index':
        return this.#members(wanted);
      case 'keys':
        return this.#keys(wanted);
      default:
        throw fatal(
          'TASK',
          `"${part.slice(0, 80)}" is no part of Redis: the worker and the command are of different versions.`,
        );
    }
  }

  get #several(): boolean {
    return this.table.settings.redis.as === 'fields';
  }

  async *#members(wanted: (name: string) => boolean): AsyncGenerator<ScanEntry[]> {
    const { index } = this.table.settings.redis;
    for await (const members of this.redis.sscanStream(index, { count: MEMBERS }) as AsyncIterable<string[]>)
      yield members.filter(wanted).map((name) => ({
        ...{ list: redisLists.index, name, digest: nameDigest(name) },
        ref: () => name,
      }));
  }

  async *#keys(wanted: (name: string) => boolean): AsyncGenerator<ScanEntry[]> {
    const match = this.#parser.glob + this.#layout.globTail;
    const stream = this.redis.scanStream({ match, count: SCAN_COUNT }) as AsyncIterable<string[]>;
    for await (const found of stream) {
      const ours = found.flatMap((dataKey) => {
        const name = this.#rowKey(dataKey, wanted);
        return name === undefined ? [] : [{ dataKey, name }];
      });
      for (const some of chunked(ours, CALL_KEYS * CALLS)) yield this.#entries(some);
    }
  }

  /** A key that reads as none of the table's belongs to somebody else. */
  #rowKey(dataKey: string, wanted: (name: string) => boolean): string | undefined {
    const name = this.#layout.rowKey(dataKey);
    if (name === undefined || name.startsWith(BOOKKEEPING)) return undefined;
    if (!wanted(name) || !this.#parser.mayBeOurs(name)) return undefined;
    return this.#parser.keysOf(name).length > 0 ? name : undefined;
  }

  async #entries(keys: readonly { readonly dataKey: string; readonly name: string }[]): Promise<ScanEntry[]> {
    const isVersion = ({ dataKey, name }: (typeof keys)[number]) => this.#several && dataKey === `${name}:_v`;
    const asked = keys.filter((key) => !isVersion(key)).map(({ dataKey }) => dataKey);
    const held = new Map(
      (await Promise.all(chunked(asked, CALL_KEYS).map((some) => this.#digests(some)))).flat(),
    );
    return keys.map(({ dataKey, name }) => {
      const sha1 = held.get(dataKey);
      const digest = sha1 === undefined ? nameDigest(dataKey) : keyDigest(dataKey, sha1);
      return { list: redisLists.keys, name, digest, ref: () => name };
    });
  }

  async #digests(keys: readonly string[]): Promise<(readonly [string, string])[]> {
    const found: (readonly [string, string])[] = [];
    while (found.length < keys.length) {
      const rest = keys.slice(found.length);
      const digests = String(await evaluate(this.redis, scanScript, rest.length, [...rest, ...this.#head]));
      for (let at = 0; at * DIGEST < digests.length; at += 1)
        found.push([rest[at]!, digests.slice(at * DIGEST, (at + 1) * DIGEST)]);
    }
    return found;
  }
}
