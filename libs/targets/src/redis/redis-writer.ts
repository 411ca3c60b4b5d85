import { Command, type Redis } from 'ioredis';
import { redisKeyOf } from '../mapping';
import {
  applied,
  stale,
  type Outcome,
  type RowChange,
  type SweepOrder,
  type TargetWriter,
} from '../row-change';
import { isRowFault, isScriptFault, redisReason, redisRefusal, redisTrouble } from './redis-error';
import { rowsBelow } from './redis-sweep';
import { deleteCalls, rowCalls, type RowCall } from './row-calls';
import type { CalledRow } from './row-keys';

const TEXT = { replyEncoding: 'utf8' } as const;

type Reply = readonly [error: Error | null, result: unknown];

/**
 * Writes rows to Redis with one script per layout, many rows a call, all calls of a batch at once. A single
 * server (with or without replicas); a cluster would need all keys of a row in one slot.
 */
export class RedisWriter implements TargetWriter {
  constructor(private readonly redis: Redis) {}

  async apply(changes: readonly RowChange[]): Promise<Outcome[]> {
    const outcomes = new Array<Outcome>(changes.length);
    await this.#run(rowCalls(changes, outcomes), outcomes);
    return outcomes;
  }

  rowId({ table, schema, key, keyText }: Pick<RowChange, 'table' | 'schema' | 'key' | 'keyText'>): string {
    return redisKeyOf(schema, table)(key, keyText).key;
  }

  async *sweep({ table, schema, floor, spared }: SweepOrder): AsyncGenerator<number> {
    for await (const found of rowsBelow(this.redis, table, schema, floor)) {
      const stay = found.length > 0 ? await spared() : new Set();
      const rows = found.filter(({ key }) => !stay.has(key));
      const outcomes = new Array<Outcome>(rows.length);
      await this.#run(deleteCalls(table, floor, rows), outcomes);
      yield outcomes.filter(({ kind }) => kind === 'applied').length;
    }
  }

  async ping(): Promise<void> {
    try {
      await this.redis.ping();
    } catch (error) {
      throw new Error(`Redis does not answer: ${redisReason(error)} (REDIS_URL).`, { cause: error });
    }
  }

  async close(): Promise<void> {
    this.redis.disconnect();
  }

  async #run(calls: readonly RowCall[], outcomes: Outcome[], byHash = true): Promise<void> {
    if (calls.length === 0) return;
    const replies = await this.#send(calls, byHash);
    const unknown: RowCall[] = [];
    const halves: RowCall[] = [];
    calls.forEach((call, nth) => {
      const [error, result] = replies[nth]!;
      if (!error) note(call.rows, result as (number | string)[], outcomes);
      else if (byHash && error.message.startsWith('NOSCRIPT')) unknown.push(call);
      else if (!isScriptFault(error.message)) throw redisTrouble(error);
      else if (call.rows.length === 1) refuse(call.rows[0]!, error.message, outcomes);
      else halves.push(...halved(call));
    });
    await this.#run(unknown, outcomes, false);
    await this.#run(halves, outcomes);
  }

  /** All at once; a call's error is its reply. */
  #send(calls: readonly RowCall[], byHash: boolean): Promise<Reply[]> {
    return Promise.all(
      calls.map(async (call): Promise<Reply> => {
        try {
          return [null, await this.redis.sendCommand(commandOf(call, byHash))];
        } catch (error) {
          return [error as Error, null];
        }
      }),
    );
  }
}

function commandOf({ script, keys, head, rows, binary }: RowCall, byHash: boolean): Command {
  const args: (string | Buffer)[] = [byHash ? script.sha : script.lua, '', ...keys];
  for (const row of rows) args.push(row.key, row.tombstone);
  args[1] = String(args.length - 2);
  for (const arg of head) args.push(arg);
  for (const row of rows) for (const arg of row.args) args.push(arg);
  const name = byHash ? 'evalsha' : 'eval';
  if (binary) return new Command(name, args, TEXT);
  // The constructor flattens its arguments, which costs more than all else that is done for a row here.
  const command = new Command(name, [], TEXT);
  command.args = args;
  return command;
}

function note(rows: readonly CalledRow[], results: readonly (number | string)[], outcomes: Outcome[]): void {
  rows.forEach((row, nth) => {
    const result = results[nth];
    if (result === 1) outcomes[row.place] = applied;
    else if (result === 0) outcomes[row.place] = stale;
    else if (typeof result === 'string' && isRowFault(result)) refuse(row, result, outcomes);
    else throw redisTrouble(new Error(String(result)));
  });
}

function refuse({ place }: CalledRow, message: string, outcomes: Outcome[]): void {
  outcomes[place] = { kind: 'rejected', rejection: redisRefusal(message) };
}

function halved(call: RowCall): RowCall[] {
  const middle = call.rows.length >> 1;
  return [
    { ...call, rows: call.rows.slice(0, middle) },
    { ...call, rows: call.rows.slice(middle) },
  ];
}
