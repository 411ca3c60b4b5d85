/**
 * The names that a pattern of the sync file matches: `*` stands for any characters, everything else for itself. Each part
 * is taken where it comes first and not looked for again (a look-ahead is never gone back into), so that no pattern
 * takes long.
 */
export function namePattern(pattern: string): RegExp {
  const [first = '', ...others] = pattern
    .split(/\*+/)
    .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  const last = others.pop();
  if (last === undefined) return new RegExp(`^${first}$`, 's');
  const middle = others.map((part, at) => `(?=(.*?${part}))\\${at + 1}(?:)`).join('');
  return new RegExp(`^${first}${middle}.*${last}$`, 's');
}

/** Whether some name fits both patterns. */
export const overlap = (a: string, b: string): boolean => meet(tokens(a), tokens(b));

const tokens = (pattern: string): Token[] => [...pattern].map((sign) => (sign === '*' ? anything : sign));

/** A character, or a run of any length of those that it takes. */
export type Token = string | { readonly takes: (sign: string) => boolean };

export const anything: Token = { takes: () => true };

/** Whether some text fits both sequences. */
export function meet(a: readonly Token[], b: readonly Token[]): boolean {
  // row[j]: whether what was read of `a` and the first j tokens of `b` can stand for the same text.
  let row: boolean[] = [];
  for (let i = 0; i <= a.length; i += 1) {
    const next: boolean[] = [];
    for (let j = 0; j <= b.length; j += 1) {
      const [x, y] = [a[i - 1], b[j - 1]];
      next[j] =
        (i === 0 && j === 0) ||
        (isRun(x) && ((row[j] ?? false) || (y !== undefined && takes(x, y) && next[j - 1]!))) ||
        (isRun(y) && ((next[j - 1] ?? false) || (x !== undefined && takes(y, x) && row[j]!))) ||
        (x !== undefined && x === y && row[j - 1]!);
    }
    row = next;
  }
  return row[b.length]!;
}

const isRun = (token: Token | undefined): token is Exclude<Token, string> => typeof token === 'object';
const takes = (run: Exclude<Token, string>, token: Token) => isRun(token) || run.takes(token);
