const tokens =
  /(?<string>'(?:[^'\\]|''|\\.)*'|"(?:[^"\\]|""|\\.)*")|(?<quoted>`(?:[^`]|``)*`)|(?<comment>\/\*.*?\*\/|#[^\n]*|--[ \t\n][^\n]*)|(?<word>[A-Za-z_$\u0080-\uffff][\w$\u0080-\uffff]*)|(?<number>\d[\w.]*)|(?<space>\s+)|(?<sign>.)/gs;

export interface Token {
  readonly kind: string;
  readonly text: string;
  /** A space where space or a comment stood before it. */
  readonly lead: '' | ' ';
}

/** The words of a row filter, without space and comments. */
export function tokenize(text: string): Token[] {
  const code: Token[] = [];
  let lead: '' | ' ' = '';
  for (const { groups, 0: part } of text.matchAll(tokens)) {
    const kind = Object.entries(groups!).find(([, value]) => value !== undefined)![0];
    // A comment must not hide what the trigger puts after the filter.
    if (kind !== 'space' && kind !== 'comment') code.push({ kind, text: part, lead });
    lead = kind === 'space' || kind === 'comment' ? ' ' : '';
  }
  return code;
}
