import { useNow } from './use-now';
import { ago, duration, utc } from './format';

/** A point in time as its distance from now; the exact one stands in the tooltip. */
export function Time({ at }: { at: string | null }) {
  const now = useNow();
  if (at === null) return '–';
  return (
    <time dateTime={at} title={utc(at)}>
      {ago(at, now)}
    </time>
  );
}

/** How long something has lasted that is not over. */
export function Lasting({ since }: { since: string }) {
  const seconds = (useNow().getTime() - Date.parse(since)) / 1_000;
  return (
    <time dateTime={since} title={utc(since)}>
      {duration(Math.max(0, Math.floor(seconds)))}
    </time>
  );
}
