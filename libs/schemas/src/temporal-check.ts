import type { Column } from '@tributary/contract';
import { typeName, type CellCheck } from './cell';

type Fraction = Pick<Column, 'fsp'>;

const fractionOf = ({ fsp = 0 }: Fraction) => (fsp === 0 ? '' : `\\.\\d{${fsp}}`);
const CLOCK = '(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d';
const MONTH = '(?:0[1-9]|1[0-2])';
const DAY = '(?:0[1-9]|[12]\\d|3[01])';
/** A month or a day of zero: no day at all, so it keeps MySQL's own text. */
const ZERO_DATE = `\\d{4}-(?:00-(?:[0-2]\\d|3[01])|${MONTH}-00)`;
/** A day that the month lacks, or that it has in leap years only. */
const RARE_DAY = `\\d{4}-(?:02-(?:29|3[01])|(?:04|06|09|11)-31)`;

function patternCheck(pattern: RegExp, form: string): CellCheck {
  return (value) => {
    if (typeof value !== 'string') return `must be a string, not ${typeName(value)}`;
    return pattern.test(value) ? undefined : `must be ${form}`;
  };
}

/** Days that a month lacks pass (ALLOW_INVALID_DATES lets MySQL store them), months and days of zero too. */
export function dateCheck(): CellCheck {
  return patternCheck(new RegExp(`^(?:\\d{4}-${MONTH}-${DAY}|${ZERO_DATE})$`), 'a date YYYY-MM-DD');
}

export function dateTimeCheck(column: Fraction): CellCheck {
  const fraction = fractionOf(column);
  return patternCheck(
    new RegExp(`^(?:\\d{4}-${MONTH}-${DAY}T${CLOCK}|(?:${ZERO_DATE}|${RARE_DAY}) ${CLOCK})${fraction}$`),
    `a date and time YYYY-MM-DDTHH:MM:SS with ${column.fsp ?? 0} fractional digits`,
  );
}

/** An instant, so its day must exist; the zero TIMESTAMP keeps MySQL's text. */
export function timestampCheck(column: Fraction): CellCheck {
  const fraction = fractionOf(column);
  const form = `an instant YYYY-MM-DDTHH:MM:SSZ with ${column.fsp ?? 0} fractional digits`;
  const syntax = patternCheck(
    new RegExp(
      `^(?:\\d{4}-${MONTH}-${DAY}T${CLOCK}${fraction}Z|0000-00-00 00:00:00${fraction.replace('\\d', '0')})$`,
    ),
    form,
  );
  return (value) =>
    syntax(value) ?? (dayExists(value as string) ? undefined : 'names a day that does not exist');
}

function dayExists(text: string): boolean {
  const day = Number(text.slice(8, 10));
  if (day <= 28) return true;
  const year = Number(text.slice(0, 4));
  const month = Number(text.slice(5, 7));
  if (month === 2) return day === 29 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day <= 30 || ![4, 6, 9, 11].includes(month);
}

/** From -838:59:59 to 838:59:59, with two digits of hours at least. */
export function timeCheck(column: Fraction): CellCheck {
  return patternCheck(
    new RegExp(`^-?(?:\\d\\d|[1-7]\\d\\d|8[0-2]\\d|83[0-8]):[0-5]\\d:[0-5]\\d${fractionOf(column)}$`),
    `a time [-]HH:MM:SS within 838:59:59 with ${column.fsp ?? 0} fractional digits`,
  );
}
