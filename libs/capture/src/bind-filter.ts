import type { TablePlan } from './describe';
import { tokenize, type Token } from './filter-tokens';
import { quoteIdentifier } from './identifiers';

/** A use of a column in a row filter. */
export interface ColumnUse {
  readonly name: string;
  /** Its data type, lower case. */
  readonly type: string;
  /** The function whose first argument it is, lower case, or ''. */
  readonly call: string;
  /** Where it stands in the filter's tokens. */
  readonly at: number;
  readonly length: number;
}

export interface BoundFilter {
  /** The condition in parentheses, with every column standing behind `NEW.` or `OLD.`. */
  readonly condition: string;
  readonly used: readonly ColumnUse[];
}

export const units = /^(microsecond|second|minute|hour|day|week|month|quarter|year)(_\w+)?$/i;

/**
 * Binds a row filter to a trigger's row by putting `NEW.` or `OLD.` before its columns. The alternative, to select
 * from `(SELECT OLD.a AS a, ...)`, makes MariaDB 10.11 crash on BLOB and TEXT columns.
 */
export function bindFilter(
  plan: Pick<TablePlan, 'settings' | 'sourceColumns'>,
  row: 'NEW' | 'OLD',
): BoundFilter {
  const { where, name, database } = plan.settings;
  const columns = new Map(plan.sourceColumns.map((column) => [column.name.toLowerCase(), column]));
  const code = tokenize(where ?? 'TRUE');
  const intervalUnits = unitsOfIntervals(code);
  const used: ColumnUse[] = [];
  let condition = '';
  for (let at = 0; at < code.length; at += 1) {
    const [length, column] = intervalUnits.has(at) ? [0, ''] : columnAt(code, at, [database, name]);
    const known = length > 0 ? columns.get(column.toLowerCase()) : undefined;
    if (!known) {
      condition += code[at]!.lead + code[at]!.text;
      continue;
    }
    used.push({ name: known.name, type: known.type, call: callBefore(code, at), at, length });
    condition += `${code[at]!.lead}${row}.${quoteIdentifier(known.name)}`;
    at += length - 1;
  }
  return { condition: `(${condition})`, used };
}

/** How many tokens from here name a column, `column`, `table.column` or `database.table.column`, and its name. */
function columnAt(
  code: readonly Token[],
  at: number,
  qualifiers: readonly string[],
): [length: number, name: string] {
  const names: string[] = [];
  let end = at;
  for (; isName(code[end]); end += 2) {
    names.push(identifier(code[end]!));
    if (code[end + 1]?.text !== '.') break;
  }
  const name = names.pop();
  const fits = names.every((qualifier, index) =>
    same(qualifier, qualifiers[qualifiers.length - names.length + index]),
  );
  if (name === undefined || !fits || !isReference(code, at, end)) return [0, ''];
  return [end - at + 1, name];
}

const isName = (token: Token | undefined) => token?.kind === 'word' || token?.kind === 'quoted';
const identifier = ({ kind, text }: Token) =>
  kind === 'quoted' ? text.slice(1, -1).replaceAll('``', '`') : text;
const same = (a: string, b: string | undefined) => a.toLowerCase() === b?.toLowerCase();

/** Whether a word that is a column's name stands for the column, and not for a function, a type, a unit or a literal's kind. */
function isReference(code: readonly Token[], start: number, end: number): boolean {
  if (code[start]!.kind === 'quoted' || end > start) return true;
  const [before2, before, after] = [code[start - 2], code[start - 1], code[start + 1]];
  if (before?.text === '.' || after?.text === '(') return false;
  if (after?.kind === 'string') return false; // DATE '2026-01-01', _utf8mb4 'x'
  if (before?.kind === 'word' && /^(as|using|collate|charset)$/i.test(before.text)) return false;
  if (!units.test(code[start]!.text)) return true;
  if (after?.kind === 'word' && /^from$/i.test(after.text)) return false; // EXTRACT(DAY FROM a)
  return !(before?.text === '(' && /^timestamp(diff|add)$/i.test(before2?.text ?? ''));
}

/** Where the units of `INTERVAL expression unit` stand: each is the first such word after an expression. */
export function unitsOfIntervals(code: readonly Token[]): Set<number> {
  const found = new Set<number>();
  for (const [start, { kind, text }] of code.entries()) {
    if (kind !== 'word' || !/^interval$/i.test(text)) continue;
    let depth = 0;
    for (let at = start + 1; at < code.length && depth >= 0; at += 1) {
      const token = code[at]!;
      if (token.text === '(') depth += 1;
      else if (token.text === ')') depth -= 1;
      else if (depth === 0 && at > start + 1 && token.kind === 'word' && units.test(token.text)) {
        found.add(at);
        break;
      } else if (depth === 0 && /^(,|and|or)$/i.test(token.text)) break;
    }
  }
  return found;
}

const callBefore = (code: readonly Token[], at: number) =>
  code[at - 1]?.text === '(' && code[at - 2]?.kind === 'word' ? code[at - 2]!.text.toLowerCase() : '';
