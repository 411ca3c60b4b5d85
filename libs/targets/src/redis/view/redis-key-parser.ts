import { keyColumns, type WireRow } from '@tributary/contract';
import { redisKeyPattern, textOfPlace, type RedisKeyPattern } from '@tributary/sync-config';
import { keyOfParts, keyOfText, redisIndexMember, redisKey } from '../../mapping';
import type { ViewedTable } from '../../target-view';

type Part = string | { readonly field: string };

/** The way back from a table's Redis keys and index members to wire keys. */
export class RedisKeyParser {
  /** Glob pattern of all keys that the table can have. */
  readonly glob: string;
  readonly #parts: readonly Part[];
  readonly #pattern: RedisKeyPattern | undefined;
  readonly #heads: readonly string[];
  /** Colons of every key: a value has none (`keyText`). */
  readonly #colons: number;

  constructor(private readonly plan: ViewedTable) {
    const { settings } = plan;
    const prefix = `${settings.database}:${settings.name}:`;
    const pattern = settings.redis.key;
    this.#pattern = pattern === undefined ? undefined : redisKeyPattern(pattern);
    this.#parts = this.#pattern ? patternParts(plan, this.#pattern) : [prefix, ...textParts(plan)];
    this.#heads = [...new Set([`${settings.redis.index}:`, prefix, ''])];
    this.#colons = this.#parts.reduce(
      (sum, part) => sum + (typeof part === 'string' ? part.split(':').length - 1 : 0),
      0,
    );
    this.glob = this.#parts.map((part) => (typeof part === 'string' ? escapeGlob(part) : '*')).join('');
  }

  /** Whether a key that matches the glob can be one of the table: cheap, and true for some that are none. */
  mayBeOurs(redisKeyText: string): boolean {
    return redisKeyText.split(':').length - 1 === this.#colons;
  }

  /** Every key that is written so; more than one only where a pattern leaves it open. */
  keysOf(redisKeyText: string): WireRow[] {
    const { settings, schema } = this.plan;
    const columns = keyColumns(schema);
    const order = this.#parts.flatMap((part) => (typeof part === 'string' ? [] : [part.field]));
    return splits(this.#parts, redisKeyText).flatMap((texts) => {
      const plain = this.#pattern ? texts.map((text) => textOfPlace(text, this.#pattern!)) : texts;
      const byField = new Map(order.map((field, at) => [field, plain[at]!]));
      const key = keyOfParts(
        columns,
        columns.map(({ field }) => byField.get(field)!),
      );
      return key && redisKey(settings, schema, key) === redisKeyText ? [key] : [];
    });
  }

  /** The keys that an index member stands for. */
  keysOfMember(member: string): WireRow[] {
    const { settings, schema } = this.plan;
    if (settings.redis.key === undefined) {
      const key = keyOfText(keyColumns(schema), member);
      return key && redisIndexMember(settings, schema, key) === member ? [key] : [];
    }
    return this.#heads.flatMap((head) =>
      this.keysOf(head + member).filter((key) => redisIndexMember(settings, schema, key) === member),
    );
  }
}

function textParts({ schema }: ViewedTable): Part[] {
  return schema.key.flatMap((field, at): Part[] => (at === 0 ? [{ field }] : [':', { field }]));
}

function patternParts({ schema }: ViewedTable, { parts }: RedisKeyPattern): Part[] {
  const columns = keyColumns(schema);
  return parts.map((part): Part => {
    if (typeof part === 'string') return part;
    const column = columns.find(({ name, field }) => name === part.place || field === part.place);
    return { field: column?.field ?? part.place };
  });
}

/** More readings than this say that the key is not one of ours. */
const MOST_SPLITS = 16;

/** Every way to read a text as the parts, as the texts of the places; a value holds no colon (`keyText`). */
function splits(parts: readonly Part[], text: string): string[][] {
  const found: string[][] = [];
  const walk = (at: number, rest: string, taken: string[]): void => {
    if (found.length >= MOST_SPLITS) return;
    const part = parts[at];
    if (part === undefined) {
      if (rest === '') found.push(taken);
      return;
    }
    if (typeof part === 'string') {
      if (rest.startsWith(part)) walk(at + 1, rest.slice(part.length), taken);
      return;
    }
    const colon = rest.indexOf(':');
    const longest = colon < 0 ? rest.length : colon;
    // Before a colon or at the end the value's length is given; else every length is tried.
    const next = parts[at + 1];
    const fixed = next === undefined || (typeof next === 'string' && next.startsWith(':'));
    for (let length = fixed ? longest : 0; length <= longest; length += 1)
      walk(at + 1, rest.slice(length), [...taken, rest.slice(0, length)]);
  };
  walk(0, text, []);
  return found;
}

const escapeGlob = (text: string) => text.replace(/[\\*?[\]]/g, '\\$&');
