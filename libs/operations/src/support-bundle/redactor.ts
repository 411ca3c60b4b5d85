const GONE = '[redacted]';
/** What is shorter stands in too many words to be taken out of texts; where it belongs it is not shown at all. */
const LEAST = 3;

/** Takes texts out wherever they turn up: a second guard, behind parts that do not show them in the first place. */
export class Redactor {
  readonly #texts = new Set<string>();

  add(...texts: readonly string[]): void {
    for (const text of texts.map((each) => each.trim())) if (text.length >= LEAST) this.#texts.add(text);
  }

  /** A condition may hold values of rows: it goes as a whole, and so do the texts in it. */
  addCondition(where: string): void {
    this.add(where);
    for (const [, single, double] of where.matchAll(/'((?:[^'\\]|''|\\.)*)'|"((?:[^"\\]|""|\\.)*)"/gs)) {
      const literal = (single ?? double)!;
      // A server's message quotes the value, not the literal.
      this.add(literal, literal.replace(/\\(.)|(['"])\2/gs, '$1$2'));
    }
    this.add(...(where.match(/\b(?:0x[\da-f]+|\d{4,})\b/gi) ?? []));
  }

  text(text: string): string {
    // The longest first: one may be part of another.
    return [...this.#texts]
      .sort((a, b) => b.length - a.length)
      .reduce((left, secret) => left.replaceAll(secret, GONE), text);
  }

  /** A value as JSON text. */
  json(value: unknown): string {
    const plain = (_: string, member: unknown) =>
      typeof member === 'bigint' ? String(member) : typeof member === 'string' ? this.text(member) : member;
    return `${JSON.stringify(value, plain, 2)}\n`;
  }
}
