import { Pagination, Table, TextInput, VisuallyHidden } from '@mantine/core';
import { useTable, type SortingState } from '@tanstack/react-table';
import { useMemo } from 'react';
import styles from '../parts.module.css';
import { columnDefinitions, type Column } from './columns';
import { features } from './features';

interface DataTableProps<Row extends object> {
  /** What the table shows, for those who do not see it. */
  readonly caption: string;
  readonly rows: readonly Row[];
  /** Made outside of a component, or kept by `useMemo`. */
  readonly columns: readonly Column<Row>[];
  readonly rowId: (row: Row) => string;
  readonly sortedBy?: SortingState;
  readonly searchable?: boolean;
  /** Stands in place of the rows when there are none. */
  readonly empty: string;
}

const PAGE_SIZE = 50;
const sortWords = { asc: 'ascending', desc: 'descending' } as const;

/** A table that sorts by its heads, filters by a text and shows fifty rows at once. */
export function DataTable<Row extends object>(props: DataTableProps<Row>) {
  const { caption, rows, columns, rowId, sortedBy = [], searchable = false, empty } = props;
  const definitions = useMemo(() => columnDefinitions(columns), [columns]);
  const table = useTable({
    features,
    columns: definitions,
    data: rows as Row[],
    getRowId: rowId,
    globalFilterFn: 'includesString',
    getColumnCanGlobalFilter: () => true,
    autoResetPageIndex: false,
    initialState: { sorting: sortedBy, pagination: { pageIndex: 0, pageSize: PAGE_SIZE } },
  });
  const place = (id: string) => {
    const { number, wide } = columns.find(({ header }) => header === id) ?? {};
    return number ? styles['number'] : wide ? styles['wide'] : undefined;
  };
  const shown = table.getRowModel().rows;
  const found = table.getFilteredRowModel().rows.length;
  const pages = table.getPageCount();

  return (
    <>
      {searchable && (
        <TextInput
          label="Filter"
          placeholder="Any part of a cell"
          value={String(table.state.globalFilter ?? '')}
          onChange={(event) => {
            table.setGlobalFilter(event.currentTarget.value);
            table.setPageIndex(0);
          }}
        />
      )}
      <div className={styles['scroll']} tabIndex={0} role="region" aria-label={caption}>
        <Table highlightOnHover verticalSpacing={6}>
          <caption>
            <VisuallyHidden>{caption}</VisuallyHidden>
          </caption>
          <Table.Thead>
            {table.getHeaderGroups().map((group) => (
              <Table.Tr key={group.id}>
                {group.headers.map(({ id, column }) => {
                  const sorted = column.getIsSorted();
                  return (
                    <Table.Th
                      key={id}
                      scope="col"
                      className={place(id)}
                      aria-sort={sorted ? sortWords[sorted] : 'none'}
                    >
                      <button
                        type="button"
                        className={styles['sort']}
                        onClick={column.getToggleSortingHandler()}
                      >
                        {id}
                        <span aria-hidden>{sorted ? (sorted === 'asc' ? ' ▲' : ' ▼') : ''}</span>
                      </button>
                    </Table.Th>
                  );
                })}
              </Table.Tr>
            ))}
          </Table.Thead>
          <Table.Tbody>
            {shown.map((row) => (
              <Table.Tr key={row.id}>
                {row.getAllCells().map((cell) => (
                  <Table.Td key={cell.id} className={place(cell.column.id)}>
                    <table.FlexRender cell={cell} />
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
      {found === 0 && <p>{rows.length ? 'Nothing matches the filter.' : empty}</p>}
      {pages > 1 && (
        <Pagination
          total={pages}
          value={table.state.pagination.pageIndex + 1}
          onChange={(page) => table.setPageIndex(page - 1)}
          getControlProps={(control) => ({ 'aria-label': `${control} page` })}
          getItemProps={(page) => ({ 'aria-label': `Page ${page}` })}
        />
      )}
    </>
  );
}
