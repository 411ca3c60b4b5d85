import type { Column } from '@tributary/contract';
import { typeName, type CellCheck } from './cell';

/** Base64 with padding and no line breaks, of at most `length` bytes. */
export function base64Check({ length = Infinity }: Pick<Column, 'length'>): CellCheck {
  return (value) => {
    if (typeof value !== 'string') return `must be a base64 string, not ${typeName(value)}`;
    if (!wellFormed(value)) return 'is not well-formed base64';
    const bytes = (value.length / 4) * 3 - padding(value);
    return bytes <= length ? undefined : `is ${bytes} bytes long, more than ${length}`;
  };
}

const padding = (text: string) => (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0);

/** Searching for the first foreign character needs no backtracking, so megabytes are safe. */
const foreign = /[^A-Za-z0-9+/]/;

function wellFormed(text: string): boolean {
  if (text.length % 4 !== 0) return false;
  const pad = padding(text);
  const body = text.length - pad;
  const at = text.search(foreign);
  if (at >= 0 && at < body) return false;
  // The bits past the last byte must be zero, else two texts would mean the same bytes.
  if (pad === 2) return 'AQgw'.includes(text[body - 1]!);
  return pad === 0 || 'AEIMQUYcgkosw048'.includes(text[body - 1]!);
}
