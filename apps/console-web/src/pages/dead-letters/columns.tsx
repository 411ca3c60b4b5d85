import { Group } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { DeadLetterGroup, DeadLetterLine } from '@tributary/console-api';
import type { Column } from '../../parts/data-table/columns';
import { count } from '../../parts/format';
import { Time } from '../../parts/Time';
import { deadLettersOf, searchOf } from './selection';
import { DiscardButton, ReplayButton } from './DeadLetterButtons';

export const groupColumns: readonly Column<DeadLetterGroup>[] = [
  {
    header: 'code',
    value: ({ code }) => code,
    cell: (group) => (
      <Link to="/dead-letters" search={searchOf(group)}>
        {group.code}
      </Link>
    ),
  },
  { header: 'table', value: ({ table }) => table },
  { header: 'column', value: ({ column }) => column },
  { header: 'stage', value: ({ stage }) => stage },
  {
    header: 'letters',
    number: true,
    value: ({ count: letters }) => letters,
    cell: (group) => count(group.count),
  },
  {
    header: 'change',
    value: () => null,
    cell: (group) => (
      <Group gap="xs" wrap="nowrap">
        <ReplayButton which={deadLettersOf(group)} letters={group.count} />
        <DiscardButton which={deadLettersOf(group)} letters={group.count} />
      </Group>
    ),
  },
  { header: 'first', value: ({ firstAt }) => firstAt, cell: ({ firstAt }) => <Time at={firstAt} /> },
  { header: 'last', value: ({ lastAt }) => lastAt, cell: ({ lastAt }) => <Time at={lastAt} /> },
  {
    header: 'sample',
    wide: true,
    value: ({ sample }) => sample.reason,
    cell: ({ sample }) => (
      <>
        <Link to="/dead-letters/$id" params={{ id: sample.id }}>
          {sample.id}
        </Link>{' '}
        {sample.reason}
      </>
    ),
  },
];

export const deadLetterColumns: readonly Column<DeadLetterLine>[] = [
  {
    header: 'dead letter',
    value: ({ id }) => id,
    cell: ({ id }) => (
      <Link to="/dead-letters/$id" params={{ id }}>
        {id}
      </Link>
    ),
  },
  { header: 'at', value: ({ at }) => at, cell: ({ at }) => <Time at={at} /> },
  { header: 'key', value: ({ key }) => key, cell: ({ key }) => <code>{key}</code> },
  { header: 'code', value: ({ code }) => code },
  { header: 'reason', wide: true, value: ({ reason }) => reason },
  { header: 'stage', value: ({ stage }) => stage },
  { header: 'attempts', number: true, value: ({ attempts }) => Number(attempts) },
];
