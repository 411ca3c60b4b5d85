import { Spotlight, type SpotlightActionData, type SpotlightActionGroupData } from '@mantine/spotlight';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ask } from '../api/queries';
import { keyOf, likeliestFirst } from './pasted-key';
import { pages } from './pages';

const MOST = 8;

/** Ctrl-K: pages, tables, and a key that was pasted: traced in the table that is chosen. */
export function Palette() {
  const [text, setText] = useState('');
  const navigate = useNavigate();
  const { data } = useQuery({ ...ask('tables', {}), staleTime: 60_000 });
  const tables = (data?.tables ?? []).map(({ table }) => table);
  const wanted = text.trim().toLowerCase();
  const has = (name: string) => name.toLowerCase().includes(wanted);

  const action = (id: string, label: string, go: () => Promise<void>): SpotlightActionData => ({
    id,
    label,
    onClick: () => {
      setText('');
      void go();
    },
  });
  const groups: SpotlightActionGroupData[] = [
    {
      group: 'Pages',
      actions: pages
        .filter(({ label }) => has(label))
        .map(({ to, label }) => action(to, label, () => navigate({ to }))),
    },
    {
      group: 'Tables',
      actions: tables
        .filter(has)
        .slice(0, MOST)
        .map((table) =>
          action(`table ${table}`, table, () => navigate({ to: '/tables/$table', params: { table } })),
        ),
    },
    {
      group: 'Where is my row?',
      actions: rowsOf(text, tables).map(({ table, key }) =>
        action(`row ${table}`, `Trace ${key.join(' · ')} in ${table}`, () =>
          navigate({ to: '/rows', search: { table, key } }),
        ),
      ),
    },
  ];

  return (
    <Spotlight
      actions={groups.filter(({ actions }) => actions.length)}
      query={text}
      onQueryChange={setText}
      shortcut={['mod + K', '/']}
      filter={(_, all) => all}
      nothingFound="Nothing of that name. Paste the key of a row to trace it."
      searchProps={{ placeholder: 'A page, a table, or the key of a row', 'aria-label': 'Find' }}
      scrollable
      maxHeight={420}
      lockScroll={false}
      attributes={{ content: { 'aria-label': 'Find a page, a table or a row' } }}
    />
  );
}

const rowsOf = (text: string, tables: readonly string[]) => {
  const key = keyOf(text);
  if (!key.length) return [];
  return likeliestFirst(text, tables)
    .slice(0, 20)
    .map((table) => ({ table, key: keyOf(text, table) }));
};
