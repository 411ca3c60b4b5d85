import { tableFromIPC, Type, type DataType } from '@uwdata/flechette';
import type { Row } from '../statement';

type Convert = (value: unknown) => unknown;

/** The rows of one batch of an answer, an Arrow stream of its own. */
export function rowsOf(data: Uint8Array): Row[] {
  // Copied to where numbers may begin: in a message of gRPC they lie anywhere.
  const table = tableFromIPC(data.slice(), {
    ...{ useBigInt: true, useDate: true, useDecimalInt: true, useMap: true },
  });
  const rows = table.toArray() as Row[];
  for (const { name, type } of table.schema.fields) {
    const convert = conversion(type);
    if (convert) for (const row of rows) row[name] = convert(row[name]);
  }
  return rows;
}

/** What is still to be done with the values of a type; undefined where they are as they should be. */
function conversion(type: DataType): Convert | undefined {
  if (type.typeId === Type.Decimal)
    return given((value) => decimalText(value as bigint | number, type.scale));
  if (type.typeId === Type.List) {
    const member = conversion(type.children[0]!.type) ?? same;
    return given((value) => Array.from(value as Iterable<unknown>, member));
  }
  if (type.typeId === Type.Struct) {
    const fields = type.children.map(({ name, type: of }) => [name, conversion(of)] as const);
    return given((value) => {
      const struct = value as Row;
      for (const [name, convert] of fields) if (convert) struct[name] = convert(struct[name]);
      return struct;
    });
  }
  if (type.typeId === Type.Map) {
    const entry = type.children[0]!.type as { readonly children: readonly { readonly type: DataType }[] };
    const [key, of] = entry.children.map(({ type: part }) => conversion(part) ?? same) as [Convert, Convert];
    return given((value) => new Map([...(value as Map<unknown, unknown>)].map(([k, v]) => [key(k), of(v)])));
  }
  return undefined;
}

const same: Convert = (value) => value;

const given =
  (convert: Convert): Convert =>
  (value) =>
    value === null || value === undefined ? value : convert(value);

/** `1234n` with scale 2 is `12.34`: every digit, as SQL writes it. */
function decimalText(unscaled: bigint | number, scale: number): string {
  const text = String(unscaled);
  if (scale === 0) return text;
  const digits = text.replace('-', '').padStart(scale + 1, '0');
  return `${text.startsWith('-') ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
