import { headerText, type HeaderValue, type Headers } from './headers';
import { isDigit, skipDigits } from './json-bytes';

const VERSION_DIGITS = 19;

/** Whether a header is a row version for certain; `false` says nothing (see `parseVersion`). */
export function isVersionBytes(value: HeaderValue): boolean {
  // From 9 on it may be more than a signed 64-bit integer holds.
  return isBytes(value, VERSION_DIGITS) && value[0]! < 0x39 && skipDigits(value, 0) === VERSION_DIGITS;
}

/** The checksum that a header names with 8 lower-case hex digits; -1 where it has another form. */
export function crcOfBytes(value: HeaderValue): number {
  if (!isBytes(value, 8)) return -1;
  let crc = 0;
  for (let at = 0; at < 8; at += 1) {
    const byte = value[at]!;
    if (isDigit(byte)) crc = crc * 16 + byte - 0x30;
    else if (byte >= 0x61 && byte <= 0x66) crc = crc * 16 + byte - 0x57;
    else return -1;
  }
  return crc;
}

const isBytes = (value: HeaderValue, length: number): value is Buffer =>
  Buffer.isBuffer(value) && value.length === length;

/** `headerText` of a short header that seldom changes from record to record: the last text is kept with its bytes. */
export function repeatedHeader(name: string): (headers: Headers) => string | undefined {
  let last = { text: '', bytes: new Uint8Array(0) };
  return (headers) => {
    const value = headers[name];
    if (!Buffer.isBuffer(value) || value.length > LONGEST) return headerText(headers, name);
    // A copy of them: the header's own would keep its whole batch in memory.
    if (!isSame(value, last.bytes)) last = { text: value.toString('utf8'), bytes: Uint8Array.from(value) };
    return last.text;
  };
}

const LONGEST = 64;

function isSame(value: Uint8Array, bytes: Uint8Array): boolean {
  if (value.length !== bytes.length) return false;
  for (let at = 0; at < bytes.length; at += 1) if (value[at] !== bytes[at]) return false;
  return true;
}
