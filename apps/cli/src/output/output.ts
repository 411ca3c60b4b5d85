import { printableJson } from './format';
import { tableText, type Column } from './table';

/** Where a command's results go: standard output holds results only, everything said beside them standard error. */
export class Output {
  constructor(
    private readonly out: NodeJS.WriteStream = process.stdout,
    private readonly err: NodeJS.WriteStream = process.stderr,
  ) {}

  get terminal(): boolean {
    return this.out.isTTY === true;
  }

  line(text: string): void {
    this.out.write(`${text}\n`);
  }

  /** A remark for people, beside the result. */
  note(text: string): void {
    this.err.write(`${text}\n`);
  }

  json(value: unknown): void {
    const plain = (_: string, member: unknown) => (typeof member === 'bigint' ? String(member) : member);
    this.line(printableJson(JSON.stringify(value, plain, 2)));
  }

  table<T>(columns: readonly Column<T>[], rows: readonly T[]): void {
    this.line(tableText(columns, rows, this.terminal));
  }

  /** Draws a text over the one before on a terminal, one after the other when piped. */
  redraw(text: string): void {
    this.out.write(this.terminal ? `\u001b[H\u001b[J${text}\n` : `${text}\n\n`);
  }
}
