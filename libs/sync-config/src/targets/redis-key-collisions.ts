import { anything, meet, type Token } from '@tributary/kernel';
import type { TableSettings } from '../sync-config';
import { redisKeyPattern } from './redis-key-pattern';
import type { KeyCollision } from './target-spec';

/** Pairs of tables of which two rows can have one Redis key, so that each would overwrite and remove the other's. */
export function redisKeyCollisions(tables: readonly TableSettings[]): KeyCollision[] {
  const enabled = tables.filter(({ redis }) => redis.enabled);
  // By default a key begins with names of its own, unless a name holds the character that ends it.
  const odd = enabled.filter(
    ({ redis, database, name }) => redis.key !== undefined || `${database}${name}`.includes(':'),
  );
  const found: KeyCollision[] = [];
  for (const [at, settings] of odd.entries()) {
    const earlier = new Set(odd.slice(0, at));
    for (const other of enabled) {
      if (other === settings || earlier.has(other) || !share(settings, other)) continue;
      const { table } = settings;
      found.push({
        table,
        other: other.table,
        message: `A row of ${table} and one of ${other.table} can have the same key in Redis and would overwrite each other: begin redis.key of one of them with a text of its own in the sync file.`,
      });
    }
  }
  return found;
}

function share(a: TableSettings, b: TableSettings): boolean {
  const sameLayout = (a.redis.as === 'fields') === (b.redis.as === 'fields');
  return meet(keyTokens(a, !sameLayout), keyTokens(b, !sameLayout));
}

/** `dataKeys`: of `as: fields` the keys of the columns, which begin with the row's. */
function keyTokens({ database, name, redis }: TableSettings, dataKeys: boolean): Token[] {
  const row: Token[] =
    redis.key === undefined
      ? [...`${database}:${name}:`, anything]
      : redisKeyPattern(redis.key).parts.flatMap((part): Token[] =>
          typeof part === 'string' ? [...part] : [keyText],
        );
  return dataKeys && redis.as === 'fields' ? [...row, ':', anything] : row;
}

const keyText: Token = { takes: (sign) => sign !== ':' };
