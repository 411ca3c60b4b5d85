import { DeadLetterStore, type DeadLetter } from '@tributary/dead-letters';
import type { OperationContext } from '../context';

/** Open dead letters of one cause. */
interface DeadLetterGroup extends Pick<DeadLetter, 'code' | 'table' | 'column' | 'stage'> {
  count: number;
  /** ISO times. */
  firstAt: string;
  lastAt: string;
  /** The newest of them. */
  sample: DeadLetter;
}

export interface DeadLetterGroups {
  readonly total: number;
  /** The largest first; what is past the first thousand causes is counted in `total` alone. */
  readonly groups: readonly DeadLetterGroup[];
}

/** A foreign producer can make as many tables and columns as it likes: bounds memory (R13). */
const MOST_GROUPS = 1_000;

/** The open dead letters by code, table, column and stage. */
export async function groupDeadLetters({ servers, signal }: OperationContext): Promise<DeadLetterGroups> {
  const open = await new DeadLetterStore(servers.kafka, servers.config.topics).open();
  const groups = new Map<string, DeadLetterGroup>();
  let total = 0;
  for await (const piece of open.pieces({})) {
    signal?.throwIfAborted();
    total += piece.length;
    for (const { deadLetter } of piece) add(groups, deadLetter);
  }
  return { total, groups: [...groups.values()].sort((a, b) => b.count - a.count) };
}

function add(groups: Map<string, DeadLetterGroup>, deadLetter: DeadLetter): void {
  const { code, table, column, stage, at } = deadLetter;
  const cause = JSON.stringify([code, table, column, stage]);
  const group = groups.get(cause);
  if (!group) {
    if (groups.size < MOST_GROUPS)
      groups.set(cause, {
        code,
        table,
        column,
        stage,
        count: 1,
        firstAt: at,
        lastAt: at,
        sample: deadLetter,
      });
    return;
  }
  group.count += 1;
  if (at < group.firstAt) group.firstAt = at;
  if (at < group.lastAt) return;
  group.lastAt = at;
  group.sample = deadLetter;
}

/** Changes whenever the dead letters may have changed: where the topic ends. */
export async function deadLetterMark({ servers }: Pick<OperationContext, 'servers'>): Promise<string> {
  const { kafka, config } = servers;
  const { deadLetters } = config.topics;
  if (!(await kafka.admin().topics()).has(deadLetters)) return '';
  const ends = await new DeadLetterStore(kafka, config.topics).ends();
  return [...ends].map(([partition, { low, high }]) => `${partition}:${low}-${high}`).join();
}
