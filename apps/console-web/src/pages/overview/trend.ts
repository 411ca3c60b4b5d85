import type { Overview } from '@tributary/console-api';
import { duration } from '../../parts/format';

type Point = Overview['history'][number];

export interface Trend {
  /** Seconds of lag now, and the most of the hour. */
  readonly now: number | null;
  readonly most: number | null;
  /** Seconds of lag that come, or with a minus go, in a minute. */
  readonly perMinute: number;
  /** Until there is none left, if it goes on like this; `null`: it does not shrink. */
  readonly secondsToCatchUp: number | null;
}

const RECENT_MS = 120_000;
/** Less than so many seconds a minute is noise. */
const NOISE = 5;

/** Whether the lag grows or shrinks, by the last two minutes. */
export function trendOf(history: readonly Point[]): Trend {
  const known = history.flatMap(({ at, lagSeconds }) =>
    lagSeconds === null ? [] : [{ at: Date.parse(at), lag: lagSeconds }],
  );
  const last = known.at(-1);
  if (!last) return { now: null, most: null, perMinute: 0, secondsToCatchUp: null };
  const first = known.find(({ at }) => last.at - at <= RECENT_MS) ?? last;
  const minutes = (last.at - first.at) / 60_000;
  const perMinute = minutes > 0 ? (last.lag - first.lag) / minutes : 0;
  return {
    now: last.lag,
    most: Math.max(...known.map(({ lag }) => lag)),
    perMinute,
    secondsToCatchUp: perMinute < -NOISE ? (last.lag / -perMinute) * 60 : null,
  };
}

export function trendSentence(history: readonly Point[]): string {
  const { now, most, perMinute, secondsToCatchUp } = trendOf(history);
  if (now === null) return 'The lag is not known yet; the console notes it from its start on.';
  const stands = `The lag is ${duration(now)}, at most ${duration(most)} in the last hour`;
  if (secondsToCatchUp !== null)
    return `${stands}; it shrinks and will be gone in ${duration(secondsToCatchUp)}.`;
  return perMinute > NOISE ? `${stands}; it grows by ${duration(perMinute)} a minute.` : `${stands}.`;
}
