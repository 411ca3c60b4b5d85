import { useQuery } from '@tanstack/react-query';
import { ask } from '../../api/queries';
import { Loaded } from '../../parts/Loaded';
import { Panel } from '../../parts/Page';
import { Values } from '../../parts/Values';

/** The table's columns as they are now, to read the message against. */
export function TableSchema({ table }: { table: string }) {
  const detail = useQuery({ ...ask('table', { params: { table } }), placeholderData: undefined });
  return (
    <Panel title={`Columns of ${table}`}>
      <Loaded of={detail}>
        {({ columns }) => (
          <Values
            caption={`Columns and types of ${table}`}
            lines={columns.map(({ name, type, nullable }) => ({
              column: name,
              type,
              NULL: nullable ? 'allowed' : 'not allowed',
            }))}
          />
        )}
      </Loaded>
    </Panel>
  );
}
