import { Tabs } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { resendCommand } from '../../commands/command-lines';
import { ChangeButton } from '../../parts/ChangeButton';
import { count } from '../../parts/format';
import { Page } from '../../parts/Page';
import { RevealSwitch } from '../../parts/RevealSwitch';
import { History } from './History';
import { RowForm } from './RowForm';
import { Trace } from './Trace';

const route = getRouteApi('/rows');

/** Where is my row? Its address, `/rows?table=&key=`, can be sent to somebody. */
export function RowPage() {
  const { table, key = [] } = route.useSearch();
  const asked = table && key.length ? { table, key } : undefined;
  return (
    <Page title="Where is my row?" actions={<RevealSwitch />}>
      <RowForm key={JSON.stringify([table, key])} table={table} rowKey={key} />
      {asked && (
        <Tabs defaultValue="trace" keepMounted={false}>
          <Tabs.List>
            <Tabs.Tab value="trace">Trace</Tabs.Tab>
            <Tabs.Tab value="history">History</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="trace" pt="md">
            <Trace
              table={asked.table}
              rowKey={asked.key}
              actions={<Resend table={asked.table} rowKey={asked.key} />}
            />
          </Tabs.Panel>
          <Tabs.Panel value="history" pt="md">
            <History table={asked.table} rowKey={asked.key} />
          </Tabs.Panel>
        </Tabs>
      )}
    </Page>
  );
}

const Resend = ({ table, rowKey }: { table: string; rowKey: string[] }) => (
  <ChangeButton
    operation="resend"
    label="Send again"
    says={`Sends the row ${rowKey.join(', ')} of ${table} through the pipeline again as it is in the source now.`}
    input={(reason) => ({ body: { table, key: rowKey, reason } })}
    command={resendCommand(table, rowKey)}
    done={({ rows, locked }) =>
      locked
        ? `${count(locked)} rows are locked by a transaction; try again when it has ended.`
        : `${count(rows)} rows sent again.`
    }
  />
);
