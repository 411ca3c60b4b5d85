import { Group } from '@mantine/core';
import type { Snapshot } from '@tributary/console-api';
import { snapshotCommand } from '../../commands/command-lines';
import { ChangeButton } from '../../parts/ChangeButton';

/** What can be done to a job in its state: nothing, once it has ended. */
export function SnapshotButtons({ job: { id, table, state } }: { job: Snapshot }) {
  const input = (reason: string | undefined) => ({ params: { id }, body: { reason } });
  const done = () => `Snapshot ${id} of ${table}: asked for.`;
  if (!['queued', 'running', 'paused'].includes(state)) return null;
  return (
    <Group gap="xs" wrap="nowrap">
      {state === 'paused' ? (
        <ChangeButton
          operation="resumeSnapshot"
          label="Resume"
          says={`Snapshot ${id} of ${table} goes on where it was.`}
          {...{ input, done, command: snapshotCommand('resume', id) }}
        />
      ) : (
        <ChangeButton
          operation="pauseSnapshot"
          label="Pause"
          says={`Snapshot ${id} of ${table} stops after the rows at hand, and keeps its place.`}
          {...{ input, done, command: snapshotCommand('pause', id) }}
        />
      )}
      <ChangeButton
        operation="cancelSnapshot"
        label="Cancel"
        dangerous
        says={`Snapshot ${id} of ${table} ends. Rows that it has loaded stay; the rest has to be loaded by another one.`}
        {...{ input, done, command: snapshotCommand('cancel', id) }}
      />
    </Group>
  );
}
