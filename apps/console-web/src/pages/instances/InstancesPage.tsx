import { useQuery } from '@tanstack/react-query';
import type { Instance } from '@tributary/console-api';
import { ask } from '../../api/queries';
import { Badge } from '../../parts/Badge';
import type { Column } from '../../parts/data-table/columns';
import { DataTable } from '../../parts/data-table/DataTable';
import { duration } from '../../parts/format';
import { Loaded } from '../../parts/Loaded';
import { Page, Panel } from '../../parts/Page';
import { Time } from '../../parts/Time';
import { instanceState, mixed } from './instance-state';

const columns: readonly Column<Instance>[] = [
  { header: 'app', value: ({ app }) => app },
  {
    header: 'state',
    value: instanceState,
    cell: (instance) => (
      <>
        <Badge state={instanceState(instance)} /> {instance.trouble}
      </>
    ),
  },
  { header: 'host', value: ({ host, port }) => `${host}:${port}` },
  { header: 'pid', number: true, value: ({ pid }) => pid },
  {
    header: 'started',
    value: ({ startedAt }) => startedAt,
    cell: ({ startedAt }) => <Time at={startedAt} />,
  },
  {
    header: 'last heartbeat',
    number: true,
    value: ({ silentSeconds }) => silentSeconds,
    cell: ({ silentSeconds }) => `${duration(silentSeconds)} ago`,
  },
  { header: 'version', value: ({ version }) => version },
  { header: 'config', value: ({ config }) => config, cell: ({ config }) => config && <code>{config}</code> },
];

export function InstancesPage() {
  const instances = useQuery({ ...ask('instances', {}), refetchInterval: 5_000 });
  return (
    <Page title="Instances">
      <Panel>
        <Loaded of={instances}>
          {({ instances: rows }) => (
            <>
              {mixed(rows).map((what) => (
                <p key={what} role="note" style={{ margin: 0 }}>
                  The running instances differ in their {what}: start those that are behind again.
                </p>
              ))}
              <DataTable
                caption="Processes of the pipeline"
                rows={rows}
                columns={columns}
                rowId={({ instance }) => instance}
                sortedBy={[{ id: 'app', desc: false }]}
                empty="No process of the pipeline has said anything: start it with npm run services -- up."
              />
            </>
          )}
        </Loaded>
      </Panel>
    </Page>
  );
}
