import type { ChangedColumn, History, HistoryEvent } from '@tributary/operations';
import { printable } from '../output/format';
import type { Output } from '../output/output';
import type { Column } from '../output/table';
import { bounded } from './show-trace';

const columns: Column<HistoryEvent>[] = [
  { head: 'version', value: ({ version }) => version },
  { head: 'op', value: ({ op, snapshot }) => (snapshot ? `${op} (snapshot)` : op) },
  { head: 'committed', value: ({ committedAt }) => committedAt },
  { head: 'published', value: ({ publishedAt }) => publishedAt ?? '-' },
  { head: 'validated', value: ({ validatedAt }) => validatedAt ?? '-' },
  {
    head: 'targets',
    value: ({ targets }) =>
      Object.entries(targets)
        .map(([name, state]) => `${name} ${state}`)
        .join(', '),
  },
  { head: 'changed', value: ({ columns: changed }) => changed.map(changeText).join(', ') || '-' },
];

export function showHistory(out: Output, history: History): void {
  const { events, changes, validated, loads, validatedLoads } = history;
  if (events.length === 0) out.line('No event of the row was found.');
  else out.table(columns, events);
  for (const search of [changes, validated, loads, validatedLoads])
    if (search && !search.complete) out.note(bounded(search));
}

/** Enough of a value to know it by. */
const SHOWN = 40;

const changeText = ({ column, before, after }: ChangedColumn) =>
  before === undefined ? `${column}=${value(after)}` : `${column}: ${value(before)} -> ${value(after)}`;

function value(held: unknown): string {
  const text = held === undefined ? '(none)' : printable(JSON.stringify(held));
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
