import type { VerificationDetail } from '@tributary/console-api';
import type { Column } from '../../parts/data-table/columns';
import { DataTable } from '../../parts/data-table/DataTable';
import { count } from '../../parts/format';

type Report = VerificationDetail['reports'][number];
type Counted =
  'rows' | 'equal' | 'missing' | 'extra' | 'different' | 'stale' | 'index' | 'unsettled' | 'repaired';

const counted = (header: Counted): Column<Report> => ({
  header,
  number: true,
  value: (report) => report[header],
  cell: (report) => count(report[header]),
});

const columns: readonly Column<Report>[] = [
  { header: 'table', value: ({ table }) => table },
  { header: 'target', value: ({ target }) => target },
  ...(
    ['rows', 'equal', 'missing', 'extra', 'different', 'stale', 'index', 'unsettled', 'repaired'] as const
  ).map(counted),
];

export const Reports = ({ reports }: { reports: readonly Report[] }) => (
  <DataTable
    caption="What was compared"
    rows={reports}
    columns={columns}
    rowId={({ table, target }) => `${table} ${target}`}
    empty="No table is done yet."
  />
);
