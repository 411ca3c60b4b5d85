import { NumberInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { startSnapshotCommand } from '../../commands/command-lines';
import { ChangeButton } from '../../parts/ChangeButton';
import { TablePatternInput } from '../../parts/TablePatternInput';

/** Of one table where it is said, else of what the form names. */
export function StartSnapshot({ table: fixed }: { table?: string }) {
  const [pattern, setPattern] = useState('');
  const [where, setWhere] = useState('');
  const [priority, setPriority] = useState<number | undefined>();
  const table = fixed ?? (pattern.trim() || undefined);
  const wanted = { table, where: where.trim() || undefined, priority };
  return (
    <ChangeButton
      operation="startSnapshots"
      label="Start snapshot"
      says="Loads rows into the targets beside live changes. Nothing that is newer is overwritten."
      input={(reason) => ({ body: { ...wanted, reason } })}
      command={startSnapshotCommand(wanted)}
      done={({ started }) => `Queued: ${started.map(({ id, table }) => `${table} (job ${id})`).join(', ')}`}
    >
      {!fixed && <TablePatternInput value={pattern} onChange={setPattern} />}
      <TextInput
        label="Where"
        description="SQL condition; empty: all rows"
        value={where}
        onChange={(event) => setWhere(event.currentTarget.value)}
      />
      <NumberInput
        label="Priority"
        description="Those of lower priority wait"
        min={-1_000}
        max={1_000}
        value={priority ?? ''}
        onChange={(value) => setPriority(typeof value === 'number' ? value : undefined)}
        hideControls
      />
    </ChangeButton>
  );
}
