import type { Overview } from '@tributary/console-api';

type Stage = Overview['stages'][number];
type Point = Overview['history'][number];

const HOUR_MS = 3_600_000;
/** Between two points of the last hour. */
const POINT_MS = 10_000;

interface Remembered extends Point {
  readonly deadLetters: number | null;
}

/** What one look cannot tell: since when something is so, and how it was before. */
export class OverviewMemory {
  readonly #points: Remembered[] = [];
  readonly #since = new Map<string, { readonly what: string; readonly at: string }>();

  /** Since when this has been so of the stage, as far as this process saw it. */
  since(of: string, what: string, at: string): string {
    const known = this.#since.get(of);
    if (known?.what === what) return known.at;
    this.#since.set(of, { what, at });
    return at;
  }

  note(point: Remembered): void {
    const [now, last] = [Date.parse(point.at), this.#points.at(-1)];
    if (last && now - Date.parse(last.at) < POINT_MS) return;
    this.#points.push(point);
    while (now - Date.parse(this.#points[0]!.at) > HOUR_MS) this.#points.shift();
  }

  get history(): readonly Point[] {
    return this.#points.map(({ at, lagSeconds, perSecond }) => ({ at, lagSeconds, perSecond }));
  }

  /** The newest point that is at least so old. */
  before(at: string, seconds: number): Remembered | undefined {
    return this.#points.findLast((point) => Date.parse(at) - Date.parse(point.at) >= seconds * 1_000);
  }
}

export type { Point, Stage };
