import { Accordion } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { AnswerOf } from '@tributary/console-api';
import { ask } from '../../api/queries';
import { CopyCommand } from '../../parts/CopyCommand';
import { Facts } from '../../parts/Facts';
import { valueText } from '../../parts/format';
import { Loaded } from '../../parts/Loaded';
import { Page, Panel } from '../../parts/Page';
import { linesOf, Values } from '../../parts/Values';

export function ConfigurationPage() {
  const config = useQuery(ask('config', {}));
  return (
    <Page title="Configuration">
      <Loaded of={config}>{(data) => <Resolved config={data} />}</Loaded>
    </Page>
  );
}

const nameOf = (table: Readonly<Record<string, unknown>>) => valueText(table['table']);

const Resolved = ({ config }: { config: AnswerOf<'config'> }) => (
  <>
    <Panel title="Sync file">
      <Facts
        of={{ file: <code>{config.path}</code>, hash: <code>{config.hash}</code>, version: config.version }}
      />
      <CopyCommand command="tributary config check" />
    </Panel>
    <Panel title="Servers">
      <Facts of={config.servers} />
    </Panel>
    <Panel title="Topics">
      <Facts of={config.topics} />
    </Panel>
    {config.suspended.length + config.skipped.length > 0 && (
      <Panel title="Left out">
        <Facts
          of={Object.fromEntries(
            [...config.suspended, ...config.skipped].map(({ table, reason }) => [
              String(table),
              String(reason),
            ]),
          )}
        />
      </Panel>
    )}
    <Panel title={`Tables (${config.tables.length})`}>
      <Accordion variant="contained" multiple>
        {config.tables.map((table) => (
          <Accordion.Item key={nameOf(table)} value={nameOf(table)}>
            <Accordion.Control>{nameOf(table)}</Accordion.Control>
            <Accordion.Panel>
              <Values lines={linesOf(table)} caption={`Settings of ${nameOf(table)}`} />
            </Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
    </Panel>
  </>
);
