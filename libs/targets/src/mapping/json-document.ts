import { parse } from 'lossless-json';
import { jsonNumber } from './exact-number';

/** JSON.parse is exact unless a number is long, has a `.0`, an exponent or is -0; digits within strings may match too. */
const NEEDS_CARE = /\d{10}|[\d.]{16}|\.0|\d[eE][-+]?\d|-0(?![.\d])/;

/** Names and characters that need a closer look; all but the first can only be written with an escape. */
const NEEDS_WALK = /_bsontype|\\u/;

/**
 * A JSON text as a BSON value: numbers are never rounded, of a repeated member the last one counts. What BSON cannot
 * hold (a NUL in a member name, half of a surrogate pair) or what is no JSON at all (MariaDB's
 * JSON is a text type) stays the text that it is.
 */
export function jsonValue(text: string): unknown {
  try {
    const careful = NEEDS_CARE.test(text);
    const value: unknown = careful ? carefulParse(text) : JSON.parse(text);
    return NEEDS_WALK.test(text) ? holdable(value) : value;
  } catch {
    return text;
  }
}

const carefulParse = (text: string) =>
  parse(text, null, { parseNumber: jsonNumber, onDuplicateKey: ({ newValue }) => newValue });

/** The value in a form that the BSON serializer takes for what it is; throws on what BSON cannot hold. */
function holdable(value: unknown): unknown {
  if (typeof value === 'string') return wellFormed(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(holdable);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value; // a BSON number
  const members = Object.entries(value).map(([name, member]): [string, unknown] => {
    if (name.includes('\0')) throw new RangeError('a member name holds NUL');
    return [wellFormed(name), holdable(member)];
  });
  // A plain object with this member would be taken for a BSON type; a Map is written as it is.
  return '_bsontype' in value ? new Map(members) : fromMembers(members);
}

function fromMembers(members: [string, unknown][]): Record<string, unknown> {
  return Object.fromEntries(members); // defines own members, `__proto__` included
}

function wellFormed(text: string): string {
  if (/\p{Surrogate}/u.test(text)) throw new RangeError('half of a surrogate pair');
  return text;
}
