import { Group } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { TableDetail } from '@tributary/console-api';
import { ask } from '../../api/queries';
import { Badge } from '../../parts/Badge';
import { Facts } from '../../parts/Facts';
import { count, duration, perSecond } from '../../parts/format';
import { Loaded } from '../../parts/Loaded';
import { Page, Panel } from '../../parts/Page';
import { Time } from '../../parts/Time';
import { Values } from '../../parts/Values';
import { StartSnapshot } from '../snapshots/StartSnapshot';
import { SnapshotList } from '../snapshots/SnapshotList';
import { StartVerification } from '../verify/StartVerification';
import { Pauses } from './Pauses';
import { ResendRows } from './ResendRows';

const route = getRouteApi('/tables/$table');

export function TablePage() {
  const { table } = route.useParams();
  const detail = useQuery({
    ...ask('table', { params: { table } }),
    placeholderData: undefined,
    refetchInterval: 5_000,
  });
  return (
    <Page
      title={table}
      actions={
        <Group>
          <StartSnapshot table={table} />
          <StartVerification table={table} />
          {detail.data && <ResendRows key={table} table={detail.data} />}
        </Group>
      }
    >
      <Loaded of={detail}>{(data) => <Detail table={data} />}</Loaded>
    </Page>
  );
}

/** A pause is one too; the panel of pauses shows it, with what it costs. */
const suspensionsOf = ({ suspensions }: TableDetail) => suspensions.filter(({ code }) => code !== 'PAUSED');

const Detail = ({ table }: { table: TableDetail }) => (
  <>
    <Panel title="State">
      <Facts
        of={{
          state: <Badge state={table.state} />,
          reason: table.reason,
          'what to do': table.remedy,
          capture: table.capture && [table.capture.state, table.capture.detail].filter(Boolean).join(': '),
          rows: `${count(table.rows)} (estimate of the server)`,
          lag: `${duration(table.lagSeconds)}, ${count(table.pending)} events, ${perSecond(table.perSecond)}`,
          'dead letters': (
            <Link to="/dead-letters" search={{ table: table.table }}>
              {count(table.deadLetters)}
            </Link>
          ),
          'last verified': table.lastVerified ? (
            <Link to="/verify/$id" params={{ id: table.lastVerified.id }}>
              {table.lastVerified.equal ? 'equal' : 'different'}, <Time at={table.lastVerified.at} />
            </Link>
          ) : (
            'never'
          ),
          row: (
            <Link to="/rows" search={{ table: table.table }}>
              find a row of it
            </Link>
          ),
        }}
      />
      {suspensionsOf(table).map(({ stage, code, reason, remedy, since }) => (
        <Facts
          key={stage}
          of={{
            'suspended by': `${stage} (${code})`,
            reason,
            'what to do': remedy,
            since: since && <Time at={since} />,
          }}
        />
      ))}
    </Panel>
    <Pauses table={table} />
    <Panel title="Targets">
      <Facts
        of={Object.fromEntries(
          table.targets.map(({ target, place }) => [target, <code key={target}>{place}</code>]),
        )}
      />
    </Panel>
    <Panel title="Columns">
      <Values
        caption="Columns of the table"
        lines={table.columns.map(({ name, type, nullable }) => ({
          column: name,
          type,
          NULL: nullable ? 'allowed' : 'not allowed',
          key: table.key.includes(name) ? 'key' : '',
        }))}
      />
    </Panel>
    <Panel title="Snapshots">
      <SnapshotList snapshots={table.snapshots} />
    </Panel>
  </>
);
