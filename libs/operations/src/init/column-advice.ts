import type { Column, MaskKind } from '@tributary/contract';

/** What a column becomes where somebody may want to decide otherwise; `null`: nothing is to be said. */
export function decision({
  kind,
  sqlType,
  precision = 0,
  fsp = 0,
  length = 0,
  unsigned,
}: Column): string | null {
  const said = [
    kind === 'decimal' && precision > 34 && 'a string in MongoDB, whose numbers have 34 digits',
    (kind === 'datetime' || kind === 'timestamp') &&
      fsp > 3 &&
      'a string in MongoDB, whose dates have milliseconds; mongo: { temporal: date } makes it a date and drops digits',
    kind === 'bigint' && unsigned && 'a Decimal128 in MongoDB past 2^63-1, below a Long',
    kind === 'bit' && length > 63 && 'binary in MongoDB, which has no number of 64 bits without a sign',
    kind === 'json' && 'a sub-document in MongoDB, JSON text in Redis',
    kind === 'geometry' && 'GeoJSON in MongoDB, WKT in Redis',
    /^(long|medium)(text|blob)/i.test(sqlType) &&
      'MongoDB takes documents up to 16 MiB: a larger row becomes a dead letter',
  ].filter((text) => typeof text === 'string');
  return said.length === 0 ? null : said.join('; ');
}

/** Names that say what is in a column, in the words of a name, and how such values are commonly hidden. */
const personal: readonly (readonly [RegExp, MaskKind])[] = [
  [/(^|_)(password|passwd|pwd|pass_?hash|secret|token|api_?key|private_?key|otp|pin)(_|$)/, 'redact'],
  [/(^|_)e_?mail(_|$)/, 'sha256'],
  [/(^|_)(phone|mobile|fax|tel|telephone|cell)(_|$)/, 'last4'],
  [/(^|_)(iban|card_?(no|number|num)|cc_?(no|num|number)|credit_?card|account_?(no|number))(_|$)/, 'last4'],
  [/(^|_)(ssn|passport|tax_?id|national_?id|social_security)(_|$)/, 'redact'],
  [/(^|_)(birth_?(date|day)|date_of_birth|dob)(_|$)/, 'redact'],
  [/(^|_)(first_?name|last_?name|sur_?name|full_?name|maiden_?name)(_|$)/, 'redact'],
  [/(^|_)(street|address|address_?line_?\d?|ip_?addr(ess)?)(_|$)/, 'redact'],
];

/** The mask that a column's name suggests: obvious personal data or a secret. */
export function suggestedMask(name: string): MaskKind | undefined {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase();
  return personal.find(([pattern]) => pattern.test(words))?.[1];
}
