import { useQuery } from '@tanstack/react-query';
import type { AuditEntry } from '@tributary/console-api';
import { ask } from '../../api/queries';
import { Badge } from '../../parts/Badge';
import type { Column } from '../../parts/data-table/columns';
import { DataTable } from '../../parts/data-table/DataTable';
import { utc, valueText } from '../../parts/format';
import { Loaded } from '../../parts/Loaded';
import { Page, Panel } from '../../parts/Page';

const inputOf = ({ input }: AuditEntry) =>
  Object.entries(input)
    .map(([name, value]) => `${name}: ${valueText(value)}`)
    .join(', ');

const columns: readonly Column<AuditEntry>[] = [
  { header: 'at', value: ({ at }) => at, cell: ({ at }) => utc(at) },
  { header: 'who', value: ({ who, role, from }) => `${who} (${role}, ${from})` },
  { header: 'action', value: ({ action }) => action },
  { header: 'to what', wide: true, value: inputOf },
  { header: 'reason', wide: true, value: ({ reason }) => reason },
  { header: 'outcome', value: ({ outcome }) => outcome, cell: ({ outcome }) => <Badge state={outcome} /> },
  { header: 'detail', wide: true, value: ({ detail }) => detail },
];

export function AuditPage() {
  const audit = useQuery(ask('audit', { query: { limit: 1_000 } }));
  return (
    <Page title="Audit">
      <Panel>
        <Loaded of={audit}>
          {({ entries }) => (
            <DataTable
              caption="Who changed what, newest first"
              rows={entries}
              columns={columns}
              rowId={({ id }) => id}
              sortedBy={[{ id: 'at', desc: true }]}
              searchable
              empty="Nobody has changed anything yet."
            />
          )}
        </Loaded>
      </Panel>
    </Page>
  );
}
