import { bindFilter, units, unitsOfIntervals, type ColumnUse } from './bind-filter';
import type { TablePlan } from './describe';
import { tokenize, type Token } from './filter-tokens';
import { castTypes, keywords, remedies, safeFunctions, temporalFunctions } from './filter-words';
import { quoteIdentifier } from './identifiers';

/**
 * Why a row filter could be another one in another session, one clause that says how to write it; null when it gives
 * every session the same. Each application's session runs the triggers with its own zone, locale and variables, so only
 * what is known to depend on none of them is taken.
 */
export function sessionFault(plan: TablePlan): string | null {
  const code = tokenize(plan.settings.where ?? '');
  const { used } = bindFilter(plan, 'NEW');
  const inColumn = new Set(used.flatMap(({ at, length }) => Array.from({ length }, (_, part) => at + part)));
  for (const use of used) {
    const fault = columnFault(code, use);
    if (fault !== null) return fault;
  }
  const intervalUnits = unitsOfIntervals(code);
  for (const at of code.keys()) {
    if (inColumn.has(at) || intervalUnits.has(at)) continue;
    const fault = tokenFault(code, at, plan);
    if (fault !== null) return fault;
  }
  return pairFault(code, used);
}

const timeCalls = new Set(['time_to_sec', 'hour', 'minute', 'second', 'microsecond']);
const textTypes = /char|text|enum|set|blob|binary|json/;
const dateTypes = /^date(time)?$/;

const word = (token: Token | undefined) => (token?.kind === 'word' ? token.text.toLowerCase() : '');

const askedForNull = (code: readonly Token[], { at, length }: ColumnUse) => {
  const [first, second, third] = [0, 1, 2].map((step) => word(code[at + length + step]));
  return first === 'is' && (second === 'null' || (second === 'not' && third === 'null'));
};

function columnFault(code: readonly Token[], use: ColumnUse): string | null {
  const column = quoteIdentifier(use.name);
  if (askedForNull(code, use)) return null;
  const alone = code[use.at + use.length]?.text === ')';
  if (use.type === 'timestamp' && !(use.call === 'unix_timestamp' && alone))
    return `the TIMESTAMP column ${use.name} is another time in each session's time zone; write UNIX_TIMESTAMP(${column}), and the value in seconds since 1970 (UTC)`;
  if (use.type === 'time' && !timeCalls.has(use.call))
    return `the TIME column ${use.name} is compared as text in a trigger of MySQL, and as a time of today where it meets a date; write TIME_TO_SEC(${column}), and the value in seconds`;
  if (textTypes.test(use.type) && (temporalFunctions.has(use.call) || castToTime(code, use)))
    return `it reads the text of ${use.name} as a time, and a text may name a time zone; compare it as text`;
  return null;
}

const castToTime = (code: readonly Token[], { at, length, call }: ColumnUse) =>
  (call === 'cast' && /^date/.test(word(code[at + length + 1]))) ||
  (call === 'convert' && code[at + length]?.text === ',' && /^date/.test(word(code[at + length + 1])));

/** A text column beside a date or time is read as one. */
function pairFault(code: readonly Token[], used: readonly ColumnUse[]): string | null {
  for (const left of used)
    for (const right of used) {
      const between = code.slice(left.at + left.length, right.at);
      if (right.at <= left.at || between.length === 0 || !between.every(({ text }) => /^[=<>!]$/.test(text)))
        continue;
      const types = [left.type, right.type];
      if (types.some((type) => textTypes.test(type)) && types.some((type) => dateTypes.test(type)))
        return `it compares the text of one of ${left.name} and ${right.name} with the time of the other, and a text may name a time zone; compare both as text`;
    }
  return null;
}

function tokenFault(code: readonly Token[], at: number, plan: TablePlan): string | null {
  const token = code[at]!;
  switch (token.kind) {
    case 'string':
      return /^.\d+-\d+-\d+[ T]\d+:\d+.*[+-]\d\d:\d\d.$/s.test(token.text)
        ? `${token.text} names a time zone, and is turned into that of each session; write it in UTC, as the column holds it`
        : null;
    case 'quoted':
      return code[at + 1]?.text === '(' ? called(token.text) : null;
    case 'word':
      return wordFault(code, at, plan);
    case 'sign':
      return signFault(code, at, plan);
    default:
      return null;
  }
}

function signFault(code: readonly Token[], at: number, { flavour }: TablePlan): string | null {
  const { text } = code[at]!;
  const next = code[at + 1];
  const joined = next?.lead === '' ? text + next.text : text;
  if (text === '/')
    return 'it divides with "/", whose digits depend on div_precision_increment of each session; multiply the other side instead, or use DIV';
  if (joined === '||') return 'it holds "||", which means OR or CONCAT by sql_mode; write which of them';
  if (joined === '->' && flavour === 'mariadb') return 'MariaDB knows no "->"; write JSON_EXTRACT';
  if ('(),+-*%=<>!&|^~.'.includes(text)) return null;
  return `it holds ${JSON.stringify(text)}, which is none of the signs that a row filter may have`;
}

function wordFault(code: readonly Token[], at: number, plan: TablePlan): string | null {
  const name = word(code[at]);
  const [before, next] = [word(code[at - 1]), code[at + 1]];
  const shown = code[at]!.text;
  if (before === 'as' || (castTypes.has(name) && isConvertType(code, at)))
    return castTypes.has(name) ? null : refusedWord(name, `it casts to ${shown.toUpperCase()}`);
  if (
    ['collate', 'using', 'charset'].includes(before) ||
    (before === 'set' && word(code[at - 2]) === 'character')
  )
    return charsetFault(shown, plan);
  if (next?.kind === 'string') return literalFault(name, shown, plan);
  if (/^_\w+$/.test(name) && ['x', 'b'].includes(word(next))) return charsetFault(name.slice(1), plan);
  if (['unsigned', 'integer'].includes(name) && ['signed', 'unsigned'].includes(before)) return null;
  if (next?.text === '(' && !keywords.has(name)) return callFault(code, at, plan);
  if (keywords.has(name) && !(name === 'mod' && next?.text === '(')) return null;
  if (name === 'regexp' || name === 'rlike')
    return plan.flavour === 'mysql'
      ? null
      : refusedWord(name, 'REGEXP depends on default_regex_flags of each session');
  if (name === 'mod') return null;
  if (units.test(name) && isUnit(code, at)) return unitFault(code, at);
  return refusedWord(
    name,
    `"${shown}" is no column of the table, and none of the words whose meaning is the same in every session`,
  );
}

/** `CONVERT(x, type)`. */
function isConvertType(code: readonly Token[], at: number): boolean {
  if (code[at - 1]?.text !== ',') return false;
  let depth = 0;
  for (let back = at - 1; back >= 0; back -= 1) {
    if (code[back]!.text === ')') depth += 1;
    if (code[back]!.text === '(' && (depth -= 1) < 0) return word(code[back - 1]) === 'convert';
  }
  return false;
}

/** In `EXTRACT(unit FROM x)` and `TIMESTAMPDIFF(unit, x, y)`. */
const isUnit = (code: readonly Token[], at: number) =>
  code[at - 1]?.text === '(' && /^(extract|timestampdiff|timestampadd)$/.test(word(code[at - 2]));

const unitFault = (code: readonly Token[], at: number) =>
  word(code[at]) === 'week' && word(code[at - 2]) === 'extract'
    ? 'EXTRACT(WEEK ...) depends on default_week_format of each session; write WEEK(x, 3)'
    : null;

function literalFault(name: string, shown: string, plan: TablePlan): string | null {
  if (keywords.has(name) || name === 'x' || name === 'b' || name === 'date') return null;
  if (/^_\w+$/.test(name)) return charsetFault(name.slice(1), plan);
  if (name === 'regexp' || name === 'rlike')
    return plan.flavour === 'mysql'
      ? null
      : refusedWord(name, 'REGEXP depends on default_regex_flags of each session');
  return refusedWord(name, `it holds a literal ${shown.toUpperCase()} '...'`);
}

/** MariaDB reads utf8 as one of two character sets, by old_mode of the session. */
const charsetFault = (name: string, { flavour }: TablePlan) =>
  flavour === 'mariadb' && /^utf8(_|$)/i.test(name)
    ? `${name} is one of two character sets by old_mode of each session; write utf8mb4 or utf8mb3`
    : null;

function callFault(code: readonly Token[], at: number, plan: TablePlan): string | null {
  const name = word(code[at]);
  const parts = argumentsOf(code, at + 1);
  if (!safeFunctions.has(name)) {
    if (/^regexp_/.test(name) && plan.flavour === 'mysql') return null;
    return refusedWord(name, called(code[at]!.text));
  }
  if (['week', 'yearweek'].includes(name) && parts.length < 2)
    return `${name.toUpperCase()} without a mode depends on default_week_format of each session; write ${name.toUpperCase()}(x, 3)`;
  if (name === 'unix_timestamp' && !isTimestampColumn(code, at, plan))
    return 'UNIX_TIMESTAMP of anything but a TIMESTAMP column depends on the time zone or the time of each session; compare the column itself';
  if (name === 'date_format') {
    const format = parts[1];
    if (format?.length !== 1 || format[0]!.kind !== 'string' || /%[abMW]/.test(format[0]!.text))
      return 'DATE_FORMAT gives names in the language of each session (lc_time_names); write MONTH(x), WEEKDAY(x), or a constant format of numbers';
  }
  return null;
}

function isTimestampColumn(code: readonly Token[], at: number, plan: TablePlan): boolean {
  const { used } = bindFilter(plan, 'NEW');
  return used.some(
    (use) => use.at === at + 2 && use.type === 'timestamp' && code[use.at + use.length]?.text === ')',
  );
}

/** The arguments of a call whose parenthesis stands at `open`. */
function argumentsOf(code: readonly Token[], open: number): Token[][] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of code.slice(open)) {
    if (token.text === '(' && (depth += 1) === 1) continue;
    if (token.text === ')' && (depth -= 1) === 0) break;
    if (token.text === ',' && depth === 1) parts.push([]);
    else parts.at(-1)!.push(token);
  }
  return parts;
}

const called = (name: string) =>
  `it calls ${name.toUpperCase()}, whose result is not known to be the same in every session and at every time`;

const refusedWord = (name: string, why: string) =>
  `${why}; ${remedies[name] ?? 'use columns, constants and functions of these alone (docs/guarantees.md, R9)'}`;
