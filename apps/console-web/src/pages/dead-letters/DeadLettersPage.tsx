import { Button, Group } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { AnswerOf } from '@tributary/console-api';
import { ask } from '../../api/queries';
import { listDeadLettersCommand } from '../../commands/command-lines';
import { CopyCommand } from '../../parts/CopyCommand';
import { DataTable } from '../../parts/data-table/DataTable';
import { count } from '../../parts/format';
import { Loaded } from '../../parts/Loaded';
import { Page, Panel } from '../../parts/Page';
import { groupColumns, deadLetterColumns } from './columns';
import { queryOf, type CauseSearch } from './selection';

const route = getRouteApi('/dead-letters');

/** Groups by cause; with one of them chosen, its letters. */
export function DeadLettersPage() {
  const filter = route.useSearch();
  const chosen = filter.code ?? filter.table ?? filter.column ?? filter.stage;
  return <Page title="Dead letters">{chosen ? <Letters {...filter} /> : <Groups />}</Page>;
}

function Groups() {
  const groups = useQuery({ ...ask('deadLetterGroups', {}), refetchInterval: 10_000 });
  return (
    <Panel>
      <Loaded of={groups}>{(data) => <GroupList {...data} />}</Loaded>
    </Panel>
  );
}

function GroupList({ total, groups }: AnswerOf<'deadLetterGroups'>) {
  return (
    <>
      <p style={{ margin: 0 }}>
        {count(total)} open dead letters, by cause: mend the cause of a group, then replay it.
      </p>
      <DataTable
        caption="Open dead letters by cause"
        rows={groups}
        columns={groupColumns}
        rowId={({ code, table, column, stage }) => JSON.stringify([code, table, column, stage])}
        sortedBy={[{ id: 'letters', desc: true }]}
        empty="No dead letter is open."
      />
    </>
  );
}

function Letters(search: CauseSearch) {
  const query = queryOf(search);
  const letters = useQuery(ask('deadLetters', { query: { ...query, limit: 1_000 } }));
  const { code, table, column, stage } = search;
  const title = [code, table, column, stage].filter(Boolean).join(' · ');
  return (
    <Panel
      title={title}
      actions={
        <Group>
          <Button size="compact-sm" variant="subtle" component={Link} to="/dead-letters">
            All causes
          </Button>
        </Group>
      }
    >
      <Loaded of={letters}>
        {(data) => (
          <>
            <p style={{ margin: 0 }}>
              {count(data.total)} open
              {data.total > data.deadLetters.length &&
                `, the newest ${count(data.deadLetters.length)} are shown`}
            </p>
            <DataTable
              caption={`Dead letters of ${title}`}
              rows={data.deadLetters}
              columns={deadLetterColumns}
              rowId={({ id }) => id}
              searchable
              empty="None of this cause is open any more."
            />
          </>
        )}
      </Loaded>
      <CopyCommand command={listDeadLettersCommand(query)} />
    </Panel>
  );
}
