import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ask } from '../../api/queries';
import { keyTexts } from './key-texts';

interface RowLinkProps {
  readonly table: string;
  /** As it stands on the topics. */
  readonly rowKey: Readonly<Record<string, unknown>>;
  readonly children: string;
}

/** To where a row is. Numbers are the same everywhere; of other columns the table says what they are. */
export function RowLink({ table, rowKey, children }: RowLinkProps) {
  const detail = useQuery({
    ...ask('table', { params: { table } }),
    enabled: Object.values(rowKey).some((value) => typeof value === 'string'),
    placeholderData: undefined,
    staleTime: 60_000,
  });
  return (
    <Link to="/rows" search={{ table, key: keyTexts(rowKey, detail.data?.columns ?? []) }}>
      {children}
    </Link>
  );
}
