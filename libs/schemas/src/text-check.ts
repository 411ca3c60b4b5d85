/// <reference lib="es2024.string" />
import type { Column } from '@tributary/contract';
import { typeName, type CellCheck } from './cell';

/** Character sets of MySQL that hold less than Unicode, by the characters that they lack. */
const foreignTo: Readonly<Record<string, RegExp>> = {
  ascii: /[^\u0000-\u007f]/,
  // MySQL's latin1 is Windows-1252 with the five undefined bytes mapped to their C1 controls.
  latin1:
    /[^\u0000-\u007f\u0081\u008d\u008f\u0090\u009d\u00a0-\u00ff\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u017e\u0178]/,
  ucs2: /[\ud800-\udfff]/,
  utf8: /[\ud800-\udfff]/,
  utf8mb3: /[\ud800-\udfff]/,
};

/** Text of at most `length` characters (code points) that the column's character set can hold. */
export function textCheck({
  length = Infinity,
  charset = '',
  mask,
}: Partial<Pick<Column, 'length' | 'charset' | 'mask'>>): CellCheck {
  // A mask's text is ours, not the column's: neither its length nor its character set binds it.
  const limit = mask ? Infinity : length;
  const foreign = mask ? undefined : foreignTo[charset.toLowerCase()];
  return (value) => {
    if (typeof value !== 'string') return `must be a string, not ${typeName(value)}`;
    if (!value.isWellFormed()) return 'holds a lone surrogate';
    // UTF-16 units are never fewer than code points, so most texts need no counting.
    if (value.length > limit && codePoints(value) > limit)
      return `is ${codePoints(value)} characters long, more than ${limit}`;
    return foreign?.test(value) ? `holds a character that ${charset} lacks` : undefined;
  };
}

function codePoints(text: string): number {
  let count = text.length;
  for (let at = 0; at < text.length; at += 1) if ((text.charCodeAt(at) & 0xfc00) === 0xdc00) count -= 1;
  return count;
}
