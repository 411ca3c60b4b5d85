import { Link } from '@tanstack/react-router';
import type { Table } from '@tributary/console-api';
import { Badge } from '../../parts/Badge';
import type { Column } from '../../parts/data-table/columns';
import { count, duration, percent, perSecond } from '../../parts/format';
import { Time } from '../../parts/Time';

export const tableColumns: readonly Column<Table>[] = [
  {
    header: 'table',
    value: ({ table }) => table,
    cell: ({ table }) => (
      <Link to="/tables/$table" params={{ table }}>
        {table}
      </Link>
    ),
  },
  {
    header: 'state',
    value: ({ state, reason }) => `${state} ${reason ?? ''}`,
    cell: ({ state, reason }) => (
      <>
        <Badge state={state} /> {reason}
      </>
    ),
  },
  { header: 'rows', number: true, value: ({ rows }) => rows, cell: ({ rows }) => count(rows) },
  {
    header: 'lag',
    number: true,
    value: ({ lagSeconds }) => lagSeconds,
    cell: ({ lagSeconds }) => duration(lagSeconds),
  },
  { header: 'waiting', number: true, value: ({ pending }) => pending, cell: ({ pending }) => count(pending) },
  {
    header: 'rate',
    number: true,
    value: ({ perSecond: rate }) => rate,
    cell: ({ perSecond: rate }) => perSecond(rate),
  },
  {
    header: 'dead letters',
    number: true,
    value: ({ deadLetters }) => deadLetters,
    cell: ({ deadLetters }) => count(deadLetters),
  },
  {
    header: 'snapshot',
    value: ({ snapshot }) => snapshot?.state ?? null,
    cell: ({ snapshot }) =>
      snapshot &&
      (snapshot.state === 'running'
        ? `${percent(snapshot.rowsDone, snapshot.rowsTotal, false)} %`
        : snapshot.state),
  },
  {
    header: 'verified',
    value: ({ lastVerified }) => lastVerified?.at ?? null,
    cell: ({ lastVerified }) =>
      lastVerified ? (
        <Link to="/verify/$id" params={{ id: lastVerified.id }}>
          {lastVerified.equal ? 'equal' : 'different'}, <Time at={lastVerified.at} />
        </Link>
      ) : (
        'never'
      ),
  },
];
