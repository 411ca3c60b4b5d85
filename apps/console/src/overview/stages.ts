import type { PipelineStatus } from '@tributary/operations';
import type { Sample } from '../live/sample';
import type { OverviewMemory, Stage } from './overview-memory';

const RELAY = 'trigger-relay';

/** Every stage of the pipeline, in the order in which changes pass it. */
export const stagesOf = (
  { status, stages }: Pick<Sample, 'status' | 'stages'>,
  memory: OverviewMemory,
): Stage[] =>
  stages.map((stage) => {
    if (stage === RELAY) return stageOf(stage, status, memory, relayLag(status));
    const events = status.stages.find((one) => one.stage === stage)?.lagEvents ?? null;
    return stageOf(stage, status, memory, { events });
  });

interface Lag {
  readonly events: number | null;
  /** Where it is known exactly. */
  readonly seconds?: number;
}

function relayLag({ tables }: PipelineStatus): Lag {
  const known = tables.filter(({ pending }) => pending !== null);
  if (known.length === 0) return { events: null };
  const waiting = known.filter(({ pending }) => pending! > 0);
  return {
    events: waiting.reduce((sum, { pending }) => sum + pending!, 0),
    seconds: Math.max(0, ...waiting.map(({ lagSeconds }) => lagSeconds ?? 0)),
  };
}

function stageOf(stage: string, status: PipelineStatus, memory: OverviewMemory, lag: Lag): Stage {
  const own = status.instances.filter(({ app }) => app === stage);
  const alive = own.filter((one) => one.alive);
  const trouble = alive.find((one) => one.trouble !== null)?.trouble ?? null;
  // Without Kafka nobody knows.
  const known = !Object.keys(status.unreachable).some((part) => /^(heartbeats|kafka)/.test(part));
  const state =
    alive.length === 0 && known ? 'stopped' : trouble !== null || alive.length === 0 ? 'waiting' : 'running';
  const lastSign = own.map(({ silentSeconds }) => silentSeconds).sort((a, b) => a - b)[0];
  const since = memory.since(
    stage,
    `${state} ${trouble ?? ''}`,
    agoOf(status.at, state === 'stopped' ? (lastSign ?? 0) : 0),
  );
  return {
    ...{ stage, state, instances: alive.length, blockedBy: trouble },
    lagEvents: lag.events,
    lagSeconds: lag.seconds ?? lagSeconds(stage, status, memory, lag.events),
    perSecond: alive.length > 0 ? alive.reduce((sum, { perSecond }) => sum + perSecond, 0) : null,
    since: state === 'running' ? null : since,
  };
}

/**
 * Age of the oldest event that waits: not longer than some event has been waiting without a pause, nor than the newest
 * change is old that was done.
 */
function lagSeconds(
  stage: string,
  { at, instances }: PipelineStatus,
  memory: OverviewMemory,
  events: number | null,
) {
  const waitsSince = memory.since(
    `${stage} lag`,
    events === null ? 'unknown' : events > 0 ? 'lag' : 'none',
    at,
  );
  if (events === null) return null;
  if (events === 0) return 0;
  const newest = instances
    .filter(({ app, newestChangeAt }) => app === stage && newestChangeAt !== null)
    .map(({ newestChangeAt }) => secondsBetween(newestChangeAt!, at));
  return Math.max(0, Math.min(secondsBetween(waitsSince, at), ...newest));
}

const secondsBetween = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 1_000;
const agoOf = (at: string, seconds: number) => new Date(Date.parse(at) - seconds * 1_000).toISOString();
