import { Group } from '@mantine/core';
import type { TableDetail } from '@tributary/console-api';
import { pauseCommand } from '../../commands/command-lines';
import { ChangeButton } from '../../parts/ChangeButton';
import { Facts } from '../../parts/Facts';
import { count, duration } from '../../parts/format';
import { Panel } from '../../parts/Page';
import { Time } from '../../parts/Time';

/** Pauses of a table with what they cost, and the buttons for the whole of it and for each target. */
export const Pauses = ({ table: { table, paused, targets } }: { table: TableDetail }) => (
  <Panel title="Pause">
    {paused.length === 0 && <p style={{ margin: 0 }}>Nothing of this table is paused.</p>}
    {paused.map(({ target, since, by, reason, waiting, headroomSeconds }) => (
      <Facts
        key={target}
        of={{
          paused: target ?? 'the whole table',
          since: <Time at={since} />,
          by,
          reason,
          waiting: `${count(waiting)} changes`,
          'may last':
            headroomSeconds === null
              ? null
              : `${duration(headroomSeconds)} more, then it has to be loaded again`,
        }}
      />
    ))}
    <Group>
      <PauseButton table={table} target={undefined} paused={paused.some(({ target }) => target === null)} />
      {targets.map(({ target }) => (
        <PauseButton
          key={target}
          table={table}
          target={target}
          paused={paused.some((one) => one.target === target)}
        />
      ))}
    </Group>
  </Panel>
);

interface PauseButtonProps {
  readonly table: string;
  readonly target: string | undefined;
  readonly paused: boolean;
}

function PauseButton({ table, target, paused }: PauseButtonProps) {
  const action = paused ? 'resume' : 'pause';
  const whole = target ? `${target} of ${table}` : table;
  const label = `${paused ? 'Resume' : 'Pause'} ${target ?? 'the table'}`;
  const common = {
    label,
    input: (reason: string | undefined) => ({ params: { table }, body: { target, reason } }),
    command: pauseCommand(action, table, target),
  };
  return paused ? (
    <ChangeButton
      operation="resumeTable"
      {...common}
      says={`Lets changes of ${whole} flow again, those that waited first.`}
      done={() => `${whole} goes on.`}
    />
  ) : (
    <ChangeButton
      operation="pauseTable"
      {...common}
      says={`Holds back changes of ${whole}. Nothing is lost; what comes meanwhile waits and needs room.`}
      done={() => `${whole} is paused.`}
    />
  );
}
