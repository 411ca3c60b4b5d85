import { Autocomplete, Button, Group, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';
import { ask } from '../../api/queries';
import { Panel } from '../../parts/Page';

interface RowFormProps {
  readonly table: string | undefined;
  readonly rowKey: readonly string[];
}

/** Table and key; of a table that the console knows one field for each column of its key. */
export function RowForm({ table: asked = '', rowKey }: RowFormProps) {
  const [table, setTable] = useState(asked);
  const [key, setKey] = useState(rowKey);
  const navigate = useNavigate();
  const names = useQuery(ask('tables', {})).data?.tables.map((one) => one.table) ?? [];
  const known = names.includes(table);
  const detail = useQuery({
    ...ask('table', { params: { table } }),
    enabled: known,
    placeholderData: undefined,
  });
  const columns = detail.data?.key.length ? detail.data.key : rowKey.length ? rowKey.map(unnamed) : ['key'];

  const submit = (event: FormEvent) => {
    event.preventDefault();
    void navigate({ to: '/rows', search: { table, key: columns.map((_, at) => key[at] ?? '') } });
  };
  return (
    <Panel>
      <form onSubmit={submit}>
        <Group align="end">
          <Autocomplete
            label="Table"
            required
            withAsterisk={false}
            data={names}
            value={table}
            onChange={setTable}
          />
          {columns.map((column, at) => (
            <TextInput
              key={column}
              label={column}
              required
              withAsterisk={false}
              value={key[at] ?? ''}
              onChange={({ currentTarget: { value } }) =>
                setKey((before) => columns.map((_, other) => (other === at ? value : (before[other] ?? ''))))
              }
            />
          ))}
          <Button type="submit">Trace</Button>
        </Group>
      </form>
    </Panel>
  );
}

const unnamed = (_: string, at: number) => `key ${at + 1}`;
