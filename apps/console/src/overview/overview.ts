import type { Answer } from '../http/answer';
import type { Sample } from '../live/sample';
import { standingOf } from '../tables/standing';
import type { OverviewMemory } from './overview-memory';
import { stagesOf } from './stages';
import { verdictOf } from './verdict';

const open = ['queued', 'running', 'paused'];
const ofSinks = /-sink$/;

/** The pipeline at a glance; the memory is told how it looks now. */
export function overviewOf(sample: Sample, memory: OverviewMemory): Answer<'overview'> {
  const { status, deadLetters } = sample;
  const { at, tables, unreachable } = status;
  const stages = stagesOf(sample, memory);
  const verdict = verdictOf(sample, stages, memory);
  const known = (values: readonly (number | null)[]) => values.filter((value) => value !== null);
  const lags = known(stages.map(({ lagSeconds }) => lagSeconds));
  const rates = known(stages.filter(({ stage }) => ofSinks.test(stage)).map(({ perSecond }) => perSecond));
  memory.note({
    at,
    lagSeconds: lags.length > 0 ? Math.max(...lags) : null,
    // The slower of the sinks is what the pipeline does.
    perSecond: rates.length > 0 ? Math.min(...rates) : null,
    deadLetters: deadLetters?.total ?? null,
  });
  return {
    ...{ at, verdict, stages, unreachable, history: memory.history },
    targets: stages.flatMap(({ stage }) => (ofSinks.test(stage) ? [stage.replace(ofSinks, '')] : [])),
    tables: {
      total: tables.filter(({ state }) => state !== 'excluded').length,
      suspended: tables.filter((table) => standingOf(table) === 'suspended').length,
      paused: tables.filter(({ paused }) => paused.length > 0).length,
    },
    deadLetters: { open: deadLetters?.total ?? null },
    snapshots: { open: tables.filter(({ snapshot }) => open.includes(snapshot?.state ?? '')).length },
  };
}
