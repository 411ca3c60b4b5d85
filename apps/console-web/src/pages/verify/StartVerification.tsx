import { NumberInput, Select } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ask } from '../../api/queries';
import { verifyCommand } from '../../commands/command-lines';
import { ChangeButton } from '../../parts/ChangeButton';
import { TablePatternInput } from '../../parts/TablePatternInput';

/** Of one table where it is said, else of what the form names. */
export function StartVerification({ table: fixed }: { table?: string }) {
  const [pattern, setPattern] = useState('');
  const [target, setTarget] = useState<string | null>(null);
  const [sample, setSample] = useState<number | undefined>();
  const navigate = useNavigate();
  const targets = useQuery(ask('overview', {})).data?.targets ?? [];
  const wanted = {
    table: fixed ?? (pattern.trim() || undefined),
    target: target ?? undefined,
    sample: sample ? { rows: sample } : undefined,
  };
  return (
    <ChangeButton
      operation="startVerification"
      label="Verify"
      says="Compares rows of the source with the targets, beside live changes. Nothing is changed."
      input={(reason) => ({ body: { ...wanted, reason } })}
      command={verifyCommand(wanted)}
      done={({ id }) => `Verification ${id} has begun.`}
      onDone={({ id }) => void navigate({ to: '/verify/$id', params: { id } })}
    >
      {!fixed && <TablePatternInput value={pattern} onChange={setPattern} />}
      <Select
        label="Target"
        placeholder="every target"
        data={targets}
        value={target}
        onChange={setTarget}
        clearable
        clearButtonProps={{ 'aria-label': 'Every target' }}
      />
      <NumberInput
        label="Sample"
        description="Rows of each table taken by chance; empty: all rows"
        min={1}
        value={sample ?? ''}
        onChange={(value) => setSample(typeof value === 'number' ? value : undefined)}
        hideControls
      />
    </ChangeButton>
  );
}
