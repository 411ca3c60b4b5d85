import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { RowTrace } from '@tributary/console-api';
import { Badge } from '../../parts/Badge';
import parts from '../../parts/parts.module.css';
import { Time } from '../../parts/Time';
import { toneOfVerdict, type Tone } from '../../parts/tone';
import { linesOf, Values } from '../../parts/Values';
import styles from './rows.module.css';

interface StationProps {
  readonly name: string;
  readonly state: string;
  readonly tone: Tone;
  readonly children?: ReactNode;
}

const Station = ({ name, state, tone, children }: StationProps) => (
  <li className={`${styles['station']} ${parts['tone']}`} data-tone={tone}>
    <div className={parts['head']}>
      <h2>{name}</h2>
      <Badge state={state} tone={tone} />
    </div>
    {children}
  </li>
);

export const InSource = ({ row }: { row: RowTrace['source'] }) => (
  <Station name="Source" state={row ? 'there' : 'no such row'} tone={row ? 'ok' : 'quiet'}>
    {row && <Values lines={linesOf(row)} caption="The row in the source" />}
  </Station>
);

export const InLog = ({ entries }: { entries: RowTrace['log'] }) => (
  <Station
    name="Change log"
    state={entries.length ? `${entries.length} waiting` : 'nothing waits'}
    tone={entries.length ? 'busy' : 'ok'}
  >
    {entries.map(({ id, op, at }) => (
      <div key={id}>
        entry {id}, {operation(op)}, <Time at={at} />
      </div>
    ))}
  </Station>
);

type Topic = NonNullable<RowTrace['changes']>;

export const InTopic = ({ name, found }: { name: string; found: Topic | null }) => {
  if (!found) return <Station name={name} state="not searched" tone="quiet" />;
  const { topic, partition, from, to, complete, events } = found;
  return (
    <Station
      name={name}
      state={events.length ? `${events.length} found` : 'no event'}
      tone={events.length ? 'ok' : 'quiet'}
    >
      <div>
        {topic}, partition {partition}, offsets {from} to {to}
        {!complete && '; before that was not searched'}
      </div>
      {events.map((event) => (
        <div key={event.offset}>
          offset {event.offset}: version {event.version},{' '}
          {event.snapshot ? 'from a snapshot' : operation(event.op)}, changed <Time at={event.changedAt} />
        </div>
      ))}
    </Station>
  );
};

/** Most rows come by no load. */
export const InLoads = ({ name, found }: { name: string; found: Topic | null }) =>
  found?.events.length ? <InTopic name={name} found={found} /> : null;

export const DeadLetters = ({ of }: { of: RowTrace['deadLetters'] }) => (
  <Station name="Dead letters" state={`${of.length} open`} tone="trouble">
    {of.map(({ id, code, reason, stage }) => (
      <div key={id}>
        <Link to="/dead-letters/$id" params={{ id }}>
          {id}
        </Link>{' '}
        {code} at {stage}: {reason}
      </div>
    ))}
  </Station>
);

export const InTarget = ({ found }: { found: RowTrace['targets'][number] }) => {
  const { target, id, version, state, columns, verdict } = found;
  return (
    <Station name={target} state={state} tone={toneOfVerdict[verdict.code]}>
      <div>
        <code>{id}</code> {version ? `has version ${version}` : 'has no version'}
      </div>
      <div>
        {verdict.code}: {verdict.sentence}
      </div>
      {columns.length > 0 && <Values lines={columns} caption={`Columns that differ in ${target}`} />}
    </Station>
  );
};

const operations: Readonly<Record<string, string>> = { c: 'insert', u: 'update', d: 'delete', r: 'read' };

export const operation = (op: string) => operations[op] ?? op;
