import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { VerificationSummary } from '@tributary/console-api';
import { ask } from '../../api/queries';
import { Badge } from '../../parts/Badge';
import type { Column } from '../../parts/data-table/columns';
import { DataTable } from '../../parts/data-table/DataTable';
import { count } from '../../parts/format';
import { Loaded } from '../../parts/Loaded';
import { Page, Panel } from '../../parts/Page';
import { Time } from '../../parts/Time';
import { toneOfJob } from '../../parts/tone';
import { StartVerification } from './StartVerification';
import { scopeOf } from './scope';

const columns: readonly Column<VerificationSummary>[] = [
  {
    header: 'run',
    number: true,
    value: ({ id }) => Number(id),
    cell: ({ id }) => (
      <Link to="/verify/$id" params={{ id }}>
        {id}
      </Link>
    ),
  },
  {
    header: 'result',
    value: ({ state }) => state,
    cell: ({ state }) => <Badge state={state} tone={toneOfJob(state)} />,
  },
  { header: 'of', value: scopeOf },
  {
    header: 'differences',
    number: true,
    value: ({ differences }) => differences,
    cell: ({ differences }) => count(differences),
  },
  {
    header: 'rows',
    number: true,
    value: ({ rowsDone }) => rowsDone,
    cell: ({ rowsDone }) => count(rowsDone),
  },
  { header: 'by', value: ({ by }) => by },
  { header: 'begun', value: ({ startedAt }) => startedAt, cell: ({ startedAt }) => <Time at={startedAt} /> },
];

export function VerifyPage() {
  const verifications = useQuery({ ...ask('verifications', {}), refetchInterval: 5_000 });
  return (
    <Page title="Verify" actions={<StartVerification />}>
      <Panel>
        <Loaded of={verifications}>
          {({ verifications: rows }) => (
            <DataTable
              caption="Verifications, newest first"
              rows={rows}
              columns={columns}
              rowId={({ id }) => id}
              sortedBy={[{ id: 'run', desc: true }]}
              empty="Nothing was verified yet."
            />
          )}
        </Loaded>
      </Panel>
    </Page>
  );
}
