import type { Column } from '@tributary/contract';
import { bigintBounds } from './bounds';
import { typeName, type CellCheck } from './cell';

const integerDigits = /^(?:0|-?[1-9]\d{0,19})$/;
const notDigits = (value: unknown) => `must be a string of digits, not ${typeName(value)}`;

export const bigintCheck = (column: Column): CellCheck => digitsCheck(...bigintBounds(column));

/** BIT(n) with n > 1, as the digits of its unsigned value. */
export function bitCheck({ length = 64 }: Pick<Column, 'length'>): CellCheck {
  return digitsCheck(0n, 2n ** BigInt(length) - 1n);
}

function digitsCheck(low: bigint, high: bigint): CellCheck {
  const outside = `is outside ${low} to ${high}`;
  // With so few digits no value can be outside, so the usual value needs no BigInt.
  const safePositive = low <= 0n ? String(high).length - 1 : 0;
  const safeNegative = low < 0n ? String(low).length - 1 : 0;
  return (value) => {
    if (typeof value !== 'string') return notDigits(value);
    if (!integerDigits.test(value))
      return /^-?\d+$/.test(value) ? nonCanonical(value, outside) : 'must hold digits only';
    return value.length <= (value.charCodeAt(0) === 0x2d ? safeNegative : safePositive)
      ? undefined
      : inRange(value);
  };
  function inRange(value: string): string | undefined {
    const number = BigInt(value);
    return number >= low && number <= high ? undefined : outside;
  }
}

const nonCanonical = (value: string, outside: string) =>
  /^-?0/.test(value) ? 'has leading zeros or a minus sign before zero' : outside;

export function decimalCheck({ precision = 65, scale = 0, unsigned }: Column): CellCheck {
  const whole = precision - scale;
  const fraction = scale === 0 ? '' : `\\.\\d{${scale}}`;
  const integer = whole === 0 ? '0' : `(?:0|[1-9]\\d{0,${whole - 1}})`;
  const pattern = new RegExp(`^${unsigned ? '' : '-?'}${integer}${fraction}$`);
  const type = `DECIMAL(${precision},${scale})${unsigned ? ' UNSIGNED' : ''}`;
  return (value) => {
    if (typeof value !== 'string') return notDigits(value);
    if (pattern.test(value)) return undefined;
    return /^-?\d+(\.\d+)?$/.test(value) ? `does not fit ${type}` : 'must hold decimal digits only';
  };
}
