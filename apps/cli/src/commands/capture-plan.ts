import { capturePlan, leftOut, type ReadingPlan } from '@tributary/operations';
import { printable } from '../output/format';
import type { CommandContext } from '../run-command';

type TableReading = ReadingPlan['tables'][number];

interface PlanOptions {
  readonly table?: string;
  readonly json?: boolean;
}

/** `capture plan`: how another program reads the rows of the captured tables. */
export async function showReadingPlan({
  operation,
  out,
  options,
}: CommandContext<PlanOptions>): Promise<void> {
  const found = await capturePlan(operation, options);
  if (options.json) return out.json(found);
  out.table<TableReading>(
    [
      { head: 'table', value: ({ table }) => table },
      { head: 'key', value: ({ key }) => key.join(', ') },
      { head: 'columns', value: ({ columns }) => columns.length, right: true },
      { head: 'schema', value: ({ fingerprint }) => fingerprint },
      { head: 'where', value: ({ where }) => where ?? '-' },
      { head: 'besides the SELECT', value: besidesText },
    ],
    found.tables,
  );
  for (const { table, select } of found.tables) out.line(`\n${table}\n  ${printable(select)}`);
  for (const sentence of leftOut(found.suspended, found.skipped)) out.note(sentence);
}

const besidesText = ({ besides }: TableReading) =>
  besides.map(({ column, code }) => `${column} ${code}`).join(', ') || '-';
