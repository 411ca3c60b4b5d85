/** A part of a pattern of Redis keys: fixed text, any text without a colon, or any text. */
type PatternPart = string | typeof NO_COLON | typeof ANYTHING;
export const NO_COLON = 1;
export const ANYTHING = 2;

export type KeyPattern = readonly PatternPart[];

/** Whether some key fits both patterns. */
export function overlap(a: KeyPattern, b: KeyPattern): boolean {
  const [left, right] = [head(a), head(b)];
  if (!left.startsWith(right) && !right.startsWith(left)) return false;
  return new Meeting(steps(a), steps(b)).from(0, 0);
}

const head = ([first]: KeyPattern) => (typeof first === 'string' ? first : '');

/** Fixed texts by characters. */
const steps = (pattern: KeyPattern): PatternPart[] =>
  pattern.flatMap((part): PatternPart[] => (typeof part === 'string' ? [...part] : [part]));

class Meeting {
  readonly #failed = new Set<number>();

  constructor(
    private readonly a: readonly PatternPart[],
    private readonly b: readonly PatternPart[],
  ) {}

  /** Whether what is left of both patterns from these places on has a text in common. */
  from(i: number, j: number): boolean {
    const { a, b } = this;
    if (i === a.length && j === b.length) return true;
    const place = i * (b.length + 1) + j;
    if (this.#failed.has(place)) return false;
    const [left, right] = [a[i], b[j]];
    const met =
      (typeof left === 'number' && this.from(i + 1, j)) ||
      (typeof right === 'number' && this.from(i, j + 1)) ||
      (typeof left === 'string' && left === right && this.from(i + 1, j + 1)) ||
      (typeof left === 'number' && takes(left, right) && this.from(i, j + 1)) ||
      (typeof right === 'number' && takes(right, left) && this.from(i + 1, j));
    if (!met) this.#failed.add(place);
    return met;
  }
}

const takes = (wild: number, step: PatternPart | undefined) =>
  typeof step === 'string' && (wild === ANYTHING || step !== ':');
