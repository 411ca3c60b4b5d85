import type { TargetTrace, TopicSearch, Trace } from '@tributary/operations';
import { count, printable } from '../output/format';
import type { Output } from '../output/output';
import type { Column } from '../output/table';

interface Station {
  readonly station: string;
  readonly found: string;
}

const stations: Column<Station>[] = [
  { head: 'station', value: ({ station }) => station },
  { head: 'found', value: ({ found }) => found },
];

/** The stations from the source on, then the verdict and what to do. */
export function showTrace(out: Output, trace: Trace): void {
  const { table, key, source, log, changes, validated, loads, validatedLoads } = trace;
  const { deadLetters, targets, verdict } = trace;
  if (key !== null) {
    out.line(printable(`${table} ${JSON.stringify(key)}`));
    out.table(stations, [
      {
        station: 'source',
        found: source === null ? 'no such row' : `a row of ${count(Object.keys(source).length)} columns`,
      },
      { station: 'change log', found: logText(log) },
      topic('changes', changes),
      topic('validated', validated),
      ...whereFound('loads', loads),
      ...whereFound('validated loads', validatedLoads),
      {
        station: 'dead letters',
        found: deadLetters.map(({ id, code }) => `${id} ${code}`).join(', ') || 'none',
      },
      ...targets.map(target),
    ]);
    for (const { target: name, columns } of targets)
      for (const { column, source: wanted, target: held } of columns)
        out.line(
          printable(`${name}: ${column} is ${held ?? 'absent'}, and ${wanted ?? 'absent'} in the source`),
        );
  }
  out.line(printable(`${verdict.code}: ${verdict.sentence}`));
  out.line(printable(`Next: ${verdict.next}`));
  for (const search of [changes, validated, loads, validatedLoads])
    if (search && !search.complete && search.events.length === 0) out.note(bounded(search));
}

const logText = (log: Trace['log']) =>
  log.length === 0 ? 'nothing waits' : `${count(log.length)} waiting, the oldest of ${log[0]!.at}`;

function topic(station: string, search: TopicSearch | null): Station {
  if (!search) return { station, found: 'the topic is not there yet' };
  const newest = search.events.at(-1);
  const range = `partition ${search.partition}, offsets ${search.from} to ${search.to}`;
  if (!newest) return { station, found: `no event in ${range}` };
  const { version, op, offset, writtenAt } = newest;
  return {
    station,
    found: `${op} version ${version} at ${search.partition}:${offset}, written ${writtenAt}`,
  };
}

/** Most rows come by no load. */
const whereFound = (station: string, search: TopicSearch | null): Station[] =>
  search?.events.length ? [topic(station, search)] : [];

const target = ({ target: name, id, version, state, verdict }: TargetTrace): Station => ({
  station: name,
  found: `${id} ${state}, version ${version ?? 'none'}: ${verdict.code}`,
});

export const bounded = ({ topic: name, partition, from, to }: Omit<TopicSearch, 'events'>) =>
  `Of ${name} the offsets ${from} to ${to} of partition ${partition} were searched: what is older is not known here. --seconds and --megabytes search further.`;
