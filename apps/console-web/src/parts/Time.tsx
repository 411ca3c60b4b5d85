import { useNow } from './use-now';
import { ago, utc } from './format';

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
