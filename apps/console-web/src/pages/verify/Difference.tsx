import type { VerificationDetail } from '@tributary/console-api';
import { Badge } from '../../parts/Badge';
import { Values } from '../../parts/Values';
import { RowLink } from '../rows/RowLink';

type Difference = VerificationDetail['examples'][number];

/** One row that differs: where, in which columns, and what a repair did or would do. */
export const Difference = ({
  of: { table, target, kind, key, id, columns, note, repair },
}: {
  of: Difference;
}) => (
  <article aria-label={`${target} ${id}`}>
    <p style={{ margin: 0 }}>
      <Badge state={kind} /> {target} <code>{id}</code>{' '}
      {key && (
        <RowLink table={table} rowKey={key}>
          where is this row?
        </RowLink>
      )}
    </p>
    {note && <p style={{ margin: 0 }}>{note}</p>}
    {repair && (
      <p style={{ margin: 0 }}>
        Repair: {repair.action}, {repair.result}
        {repair.note && ` (${repair.note})`}
      </p>
    )}
    {columns.length > 0 && <Values lines={columns} caption={`Columns of ${id} that differ`} />}
  </article>
);
