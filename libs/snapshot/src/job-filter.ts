import { quoteIdentifier, quoteTable } from '@tributary/capture';
import { fatal, refusedWords } from '@tributary/kernel';

/** Texts, quoted names and comments: what stands in them is not SQL. */
const quoted =
  /'(?:[^'\\]|''|\\.)*'|"(?:[^"\\]|""|\\.)*"|`(?:[^`]|``)*`|\/\*.*?\*\/|#[^\n]*|--[ \t\n][^\n]*/gs;

/** Whether a condition closes no parenthesis that it did not open: it is put into larger ones. */
function standsAlone(where: string): boolean {
  let depth = 0;
  for (const [sign] of where.replace(quoted, ' ').matchAll(/[()]/g)) {
    depth += sign === '(' ? 1 : -1;
    if (depth < 0) return false;
  }
  return depth === 0;
}

/** A job's `--where` as a condition for a query that reads the table. */
export const jobCondition = (where: string) => `(${where}\n)`;

interface ExplainedRow {
  readonly rows: string | number | null;
  /** Percent of the rows that the condition keeps; MariaDB does not tell. */
  readonly filtered?: string | number | null;
}

/**
 * The optimizer's estimate of the rows that a job will load; information_schema's own is cached for a day on MySQL 8.
 * Throws a fatal SyncError with the server's words where it would refuse to read them.
 */
export async function estimateRows(
  query: (sql: string) => Promise<unknown>,
  table: string,
  where: string | null,
): Promise<number> {
  if (where !== null && !standsAlone(where))
    throw fatal('SNAPSHOT', `The condition for ${table} is refused: its parentheses do not match.`);
  const name = table.slice(table.indexOf('.') + 1);
  const source = `${quoteTable(table)} AS ${quoteIdentifier(name)}`;
  const condition = where === null ? '' : ` WHERE ${jobCondition(where)}`;
  try {
    const [first] = (await query(`EXPLAIN SELECT 1 FROM ${source}${condition}`)) as ExplainedRow[];
    return Math.ceil((Number(first?.rows ?? 0) * Number(first?.filtered ?? 100)) / 100);
  } catch (error) {
    const words = refusedWords(error).replace(/\.$/, '');
    const what = where === null ? table : `${table} with this condition`;
    throw fatal('SNAPSHOT', `${what} cannot be loaded, the server says: ${words}.`, error);
  }
}
