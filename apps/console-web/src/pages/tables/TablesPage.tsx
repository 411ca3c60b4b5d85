import { useQuery } from '@tanstack/react-query';
import { ask } from '../../api/queries';
import { DataTable } from '../../parts/data-table/DataTable';
import { Loaded } from '../../parts/Loaded';
import { Page, Panel } from '../../parts/Page';
import { tableColumns } from './columns';

export function TablesPage() {
  const tables = useQuery({ ...ask('tables', {}), refetchInterval: 5_000 });
  return (
    <Page title="Tables">
      <Panel>
        <Loaded of={tables}>
          {({ tables: rows }) => (
            <DataTable
              caption="Tables of the source"
              rows={rows}
              columns={tableColumns}
              rowId={({ table }) => table}
              sortedBy={[{ id: 'table', desc: false }]}
              searchable
              empty="The sync file matches no table of the source."
            />
          )}
        </Loaded>
      </Panel>
    </Page>
  );
}
