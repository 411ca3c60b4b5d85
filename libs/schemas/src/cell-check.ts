/// <reference lib="es2024.string" />
import { readGeometry, type Column, type ColumnKind } from '@tributary/contract';
import { base64Check } from './base64-check';
import { integerBounds } from './bounds';
import { typeName, type CellCheck } from './cell';
import { bigintCheck, bitCheck, decimalCheck } from './digits-check';
import { dateCheck, dateTimeCheck, timeCheck, timestampCheck } from './temporal-check';
import { textCheck } from './text-check';

/** The check of a column's wire values (docs/change-event.md, "Values"). */
export function cellCheck(column: Column): CellCheck {
  return byKind[column.kind](column);
}

const byKind: Record<ColumnKind, (column: Column) => CellCheck> = {
  int: (column) => integerCheck(...integerBounds(column)),
  year: () => (value) =>
    value === 0 || (Number.isInteger(value) && (value as number) >= 1901 && (value as number) <= 2155)
      ? undefined
      : 'must be a year from 1901 to 2155, or 0',
  bigint: bigintCheck,
  decimal: decimalCheck,
  float: floatCheck,
  bit: (column) =>
    (column.length ?? 1) === 1
      ? (value) => (typeof value === 'boolean' ? undefined : `must be a boolean, not ${typeName(value)}`)
      : bitCheck(column),
  date: dateCheck,
  datetime: dateTimeCheck,
  timestamp: timestampCheck,
  time: timeCheck,
  text: textCheck,
  enum: enumCheck,
  set: setCheck,
  binary: base64Check,
  json: () => jsonCheck,
  geometry: geometryCheck,
};

function integerCheck(min: number, max: number): CellCheck {
  return (value) => {
    if (typeof value === 'number' && value >= min && value <= max && Number.isInteger(value))
      return undefined;
    if (typeof value !== 'number') return `must be an integer, not ${typeName(value)}`;
    return Number.isInteger(value) ? `is outside ${min} to ${max}` : 'must be an integer';
  };
}

const MAX_FLOAT32 = 3.4028234663852886e38;

function floatCheck({ sqlType, unsigned }: Column): CellCheck {
  const max = /^float\b/i.test(sqlType) ? MAX_FLOAT32 : Number.MAX_VALUE;
  const min = unsigned ? 0 : -max;
  return (value) => {
    if (typeof value !== 'number') return `must be a number, not ${typeName(value)}`;
    return value >= min && value <= max ? undefined : `is outside the range of ${sqlType}`;
  };
}

/** Members are unknown where information_schema cannot show them (characters past U+FFFF): then any text passes. */
const anyText = (): CellCheck => textCheck({});

function enumCheck({ values }: Column): CellCheck {
  if (!values) return anyText();
  // MySQL stores the empty text for an invalid member when sql_mode lets it pass.
  const members = new Set(['', ...values]);
  return (value) => {
    if (typeof value !== 'string') return `must be a string, not ${typeName(value)}`;
    return members.has(value) ? undefined : 'is no member of the ENUM';
  };
}

function setCheck({ values }: Column): CellCheck {
  if (!values) return anyText();
  const members = new Set(values);
  return (value) => {
    if (typeof value !== 'string') return `must be a string, not ${typeName(value)}`;
    if (value === '' || members.has(value)) return undefined;
    const parts = value.split(',');
    if (parts.length > members.size || new Set(parts).size < parts.length)
      return 'repeats a member of the SET';
    return parts.every((part) => members.has(part)) ? undefined : 'holds what is no member of the SET';
  };
}

const jsonCheck: CellCheck = (value) => {
  if (typeof value !== 'string') return `must be a string that holds JSON text, not ${typeName(value)}`;
  if (!value.isWellFormed()) return 'holds a lone surrogate';
  try {
    JSON.parse(value);
    return undefined;
  } catch {
    return 'does not hold valid JSON text';
  }
};

function geometryCheck(column: Column): CellCheck {
  const base64 = base64Check({ ...column, length: undefined });
  return (value) => {
    const fault = base64(value);
    if (fault) return fault;
    try {
      readGeometry(Buffer.from(value as string, 'base64'));
      return undefined;
    } catch {
      return 'does not hold a geometry (SRID and WKB)';
    }
  };
}
