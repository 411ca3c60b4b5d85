import { Group } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { AnswerOf } from '@tributary/console-api';
import { ask } from '../../api/queries';
import { showDeadLetterCommand } from '../../commands/command-lines';
import { CopyCommand } from '../../parts/CopyCommand';
import { Facts } from '../../parts/Facts';
import { valueText } from '../../parts/format';
import { Loaded } from '../../parts/Loaded';
import { Page, Panel } from '../../parts/Page';
import { useMask } from '../../parts/reveal';
import { RevealSwitch } from '../../parts/RevealSwitch';
import { Verdict } from '../../parts/Verdict';
import { RowLink } from '../rows/RowLink';
import { DiscardButton, ReplayButton } from './DeadLetterButtons';
import { readDeadLetter } from './read-dead-letter';
import { TableSchema } from './TableSchema';

const route = getRouteApi('/dead-letters/$id');

export function DeadLetterPage() {
  const { id } = route.useParams();
  const query = useMask();
  const deadLetter = useQuery({
    ...ask('deadLetter', { params: { id }, query }),
    placeholderData: undefined,
  });
  return (
    <Page title={`Dead letter ${id}`} actions={<RevealSwitch />}>
      <Loaded of={deadLetter}>{(data) => <Detail of={data} />}</Loaded>
    </Page>
  );
}

function Detail({ of }: { of: AnswerOf<'deadLetter'> }) {
  const { code, reason, table, key, text } = readDeadLetter(of);
  return (
    <>
      <Verdict
        tone="trouble"
        code={code}
        sentence={reason}
        next="mend the cause, then replay the dead letter"
      />
      <Panel
        title="Message"
        actions={
          <Group>
            <ReplayButton which={{ ids: [of.id] }} letters={1} />
            <DiscardButton which={{ ids: [of.id] }} letters={1} />
          </Group>
        }
      >
        <Facts of={{ key: <code>{of.key}</code> }} />
        {table && key && (
          <RowLink table={table} rowKey={key}>
            Where is this row now?
          </RowLink>
        )}
        <pre tabIndex={0} aria-label="The message">
          {text}
        </pre>
      </Panel>
      {table && <TableSchema table={table} />}
      <Panel title="Headers">
        <Facts
          of={Object.fromEntries(Object.entries(of.headers).map(([name, value]) => [name, valueText(value)]))}
        />
        <CopyCommand command={showDeadLetterCommand(of.id)} />
      </Panel>
    </>
  );
}
