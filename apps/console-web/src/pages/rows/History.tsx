import { useQuery } from '@tanstack/react-query';
import type { RowHistory } from '@tributary/console-api';
import { ask } from '../../api/queries';
import { historyCommand } from '../../commands/command-lines';
import { Badge } from '../../parts/Badge';
import { CopyCommand } from '../../parts/CopyCommand';
import { Facts } from '../../parts/Facts';
import { utc } from '../../parts/format';
import { Loaded } from '../../parts/Loaded';
import parts from '../../parts/parts.module.css';
import { useMask } from '../../parts/reveal';
import { Time } from '../../parts/Time';
import { Values } from '../../parts/Values';
import { delayOf } from './delay';
import styles from './rows.module.css';
import { operation } from './stations';

interface HistoryProps {
  readonly table: string;
  readonly rowKey: string[];
}

type Event = RowHistory['events'][number];

export function History({ table, rowKey }: HistoryProps) {
  const query = { key: rowKey, ...useMask() };
  const history = useQuery({ ...ask('history', { params: { table }, query }), placeholderData: undefined });
  return (
    <Loaded of={history}>
      {({ events, validated }) => (
        <div className={styles['trace']}>
          {events.length === 0 && <p>The topics hold no change of this row.</p>}
          <ol className={styles['stations']} aria-label="Changes of the row, newest first">
            {events.map((event) => (
              <Entry key={event.version} event={event} />
            ))}
          </ol>
          {validated && !validated.complete && (
            <p>
              Only offsets {validated.from} to {validated.to} of {validated.topic} were searched.
            </p>
          )}
          <CopyCommand command={historyCommand(table, rowKey)} />
        </div>
      )}
    </Loaded>
  );
}

const Entry = ({ event }: { event: Event }) => (
  <li className={`${styles['station']} ${parts['tone']}`} data-tone="busy">
    <div className={parts['head']}>
      <h2>
        {event.snapshot ? 'snapshot' : operation(event.op)} · <Time at={event.committedAt} />
      </h2>
      <span>
        {Object.entries(event.targets).map(([target, state]) => (
          <span key={target}>
            {' '}
            {target} <Badge state={state} />
          </span>
        ))}
      </span>
    </div>
    <Facts
      of={{
        version: event.version,
        committed: utc(event.committedAt),
        published: delayOf(event.committedAt, event.publishedAt),
        validated: delayOf(event.publishedAt, event.validatedAt),
      }}
    />
    {event.columns.length > 0 && (
      <Values lines={event.columns} caption={`Columns of version ${event.version}`} />
    )}
  </li>
);
