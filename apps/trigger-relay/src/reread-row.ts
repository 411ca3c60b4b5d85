import type { LogReader } from '@tributary/capture';
import type { RereadRow } from './entry-encoder';

/** ER_BAD_FIELD_ERROR, ER_NO_SUCH_TABLE */
const altered = new Set([1054, 1146]);

/** Reads rows on the reader's connection. */
export function rereadBy(reader: Pick<LogReader, 'rereadRow'>): RereadRow {
  return async (plan, key) => {
    try {
      return await reader.rereadRow(plan, key);
    } catch (error) {
      const cause = (error as Error).cause ?? error;
      // A RangeError: the key has not the form of its column's type, which was another one when it was logged.
      if (cause instanceof RangeError || altered.has((cause as { errno?: number }).errno ?? 0))
        return 'unreadable';
      throw error;
    }
  };
}
