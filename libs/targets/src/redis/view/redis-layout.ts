import { redisMapper } from '../../mapping';
import type { ChainableCommander } from 'ioredis';
import type { ViewedTable } from '../../target-view';

/** A row as Redis holds it. */
export interface HeldRow {
  readonly fields?: ReadonlyMap<string, Buffer>;
  readonly json?: string;
}

/** How one of the layouts `hash`, `json` and `fields` is read. */
export interface RedisLayout {
  /** Puts the commands that read a row into the pipeline, the same number for each row. */
  read(pipeline: ChainableCommander, key: string): void;
  /** Makes the row of their replies; `undefined` when there is none. */
  held(replies: readonly unknown[]): HeldRow | undefined;
  /** Glob of what follows a row's key in its data keys. */
  readonly globTail: string;
  /** The row's key that a data key belongs to; `undefined` when it is none. */
  rowKey(dataKey: string): string | undefined;
}

export function layoutOf(plan: ViewedTable): RedisLayout {
  switch (plan.settings.redis.as) {
    case 'hash':
      return hashLayout;
    case 'json':
      return jsonLayout;
    case 'fields':
      return fieldsLayout(plan);
  }
}

const hashLayout: RedisLayout = {
  globTail: '',
  read: (pipeline, key) => pipeline.hgetallBuffer(key),
  held([reply]) {
    const fields = new Map(Object.entries(reply as Record<string, Buffer>));
    return fields.size > 0 ? { fields } : undefined;
  },
  rowKey: (dataKey) => dataKey,
};

const jsonLayout: RedisLayout = {
  globTail: '',
  read: (pipeline, key) => pipeline.get(key),
  held: ([reply]) => (reply === null ? undefined : { json: reply as string }),
  rowKey: (dataKey) => dataKey,
};

/** One string key a column, `<row key>:<column>`, and `<row key>:_v`. */
function fieldsLayout(plan: ViewedTable): RedisLayout {
  const names = [...redisMapper(plan.schema, plan.settings).names, '_v'];
  return {
    globTail: ':*',
    read: (pipeline, key) => pipeline.mgetBuffer(names.map((name) => `${key}:${name}`)),
    held([reply]) {
      const fields = new Map<string, Buffer>();
      for (const [at, value] of (reply as (Buffer | null)[]).entries())
        if (value) fields.set(names[at]!, value);
      return fields.size > 0 ? { fields } : undefined;
    },
    rowKey(dataKey) {
      const name = names.find((candidate) => dataKey.endsWith(`:${candidate}`));
      return name === undefined ? undefined : dataKey.slice(0, -name.length - 1);
    },
  };
}
