import { SegmentedControl, TextInput } from '@mantine/core';
import type { TableDetail } from '@tributary/console-api';
import { useState } from 'react';
import { resendSomeCommand } from '../../commands/command-lines';
import { ChangeButton } from '../../parts/ChangeButton';
import { count } from '../../parts/format';

const kinds = [
  { value: 'range', label: 'A range of keys' },
  { value: 'where', label: 'A condition' },
];

/** Sends rows of a table again, those of a range of keys or those that a condition is true of; one row: on the row's page. */
export function ResendRows({ table: { table, key } }: { table: TableDetail }) {
  const hasRange = key.length === 1;
  const [kind, setKind] = useState(hasRange ? 'range' : 'where');
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const [where, setWhere] = useState('');
  const rows =
    kind === 'range'
      ? { table, range: { from: from || undefined, to: to || undefined } }
      : { table, where: where.trim() };
  return (
    <ChangeButton
      operation="resend"
      label="Send rows again"
      says={`Sends rows of ${table} through the pipeline again as they are in the source now. Nothing that is newer is overwritten.`}
      input={(reason) => ({ body: { ...rows, reason } })}
      command={resendSomeCommand(rows)}
      done={({ rows: sent, locked }) =>
        locked
          ? `${count(sent)} rows sent again; ${count(locked)} are locked by transactions: try again when these have ended.`
          : `${count(sent)} rows sent again.`
      }
    >
      {hasRange && (
        <SegmentedControl aria-label="Which rows" data={kinds} value={kind} onChange={setKind} fullWidth />
      )}
      {kind === 'range' ? (
        <>
          <TextInput
            label={`From ${key[0]}`}
            description="The row of this key is among them; empty: from the first on"
            value={from}
            onChange={(event) => setFrom(event.currentTarget.value)}
          />
          <TextInput
            label={`To ${key[0]}`}
            description="The row of this key is among them; empty: up to the last"
            value={to}
            onChange={(event) => setTo(event.currentTarget.value)}
          />
        </>
      ) : (
        <TextInput
          label="Where"
          description={hasRange ? 'SQL condition' : 'SQL condition; a key of several columns has no range'}
          value={where}
          onChange={(event) => setWhere(event.currentTarget.value)}
        />
      )}
    </ChangeButton>
  );
}
