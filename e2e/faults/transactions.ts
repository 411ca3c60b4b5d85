import type { SeededRandom } from '@tributary/testing';
import type { Statement } from './statement';
import { StatementMaker, type KeyRoom } from './statements';

export interface Transaction {
  readonly statements: readonly Statement[];
  readonly end: 'commit' | 'rollback';
  /** How long it stays open before its end, milliseconds. */
  readonly holdMs: number;
  /** Pause before it, milliseconds. */
  readonly pauseMs: number;
}

/** Writers that come and go quickly, all on the same few keys. */
export const quickWriters = 4;
/** Writers whose transactions stay open for 5 to 20 s, beside the others. */
export const longWriters = 2;

/** All transactions of one writer, without end: a function of seed and writer alone. */
export function* transactionsOf(seed: SeededRandom, writer: number): Generator<Transaction> {
  const random = seed.fork(`writer ${writer}`);
  const isLong = writer >= quickWriters;
  const maker = new StatementMaker(random, isLong ? longRoom(writer) : quickRoom(writer));
  for (;;) yield isLong ? longTransaction(random, maker) : quickTransaction(random, maker);
}

const quickRoom = (writer: number): KeyRoom => ({
  items: [1, 250],
  pairs: [1, 12],
  counters: [0, 60],
  shared: true,
  spare: -1 - writer,
});

/** Mostly keys that the quick writers leave alone: they would otherwise do nothing but wait for its locks. */
const longRoom = (writer: number): KeyRoom => ({
  items: [240 + 30 * (writer - quickWriters), 300 + 30 * (writer - quickWriters)],
  pairs: [12, 20],
  counters: [100 * writer, 100 * writer + 20],
  shared: false,
  spare: -1 - writer,
});

function quickTransaction(random: SeededRandom, maker: StatementMaker): Transaction {
  const statements: Statement[] = [];
  for (let parts = random.pick([1, 1, 1, 2, 3, 6]); parts > 0; parts -= 1)
    if (random.chance(0.1)) {
      const undone = Array.from({ length: random.integer(1, 3) }, () => maker.next()).flat();
      statements.push({ sql: 'SAVEPOINT undone' }, ...undone, { sql: 'ROLLBACK TO SAVEPOINT undone' });
    } else statements.push(...maker.next());
  return {
    statements,
    end: random.chance(0.12) ? 'rollback' : 'commit',
    holdMs: random.chance(0.03) ? random.integer(50, 500) : 0,
    pauseMs: random.integer(5, 90),
  };
}

function longTransaction(random: SeededRandom, maker: StatementMaker): Transaction {
  return {
    statements: Array.from({ length: random.integer(2, 8) }, () => maker.next()).flat(),
    end: random.chance(0.25) ? 'rollback' : 'commit',
    holdMs: random.integer(5_000, 20_000),
    pauseMs: random.integer(100, 3_000),
  };
}
