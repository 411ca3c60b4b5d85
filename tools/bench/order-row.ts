import { mongo } from 'mongoose';

/** A row as MySQL's text protocol gives it, in column order; NULL is null. */
export type OrderRow = readonly (string | null)[];

export const columns = [
  'id',
  'customer_id',
  'reference',
  'status',
  'email',
  'note',
  'amount',
  'weight_kg',
  'items',
  'ordered_at',
  'delivered_on',
  'details',
] as const;

export const createTable = (table: string) => `CREATE TABLE ${table} (
  id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  customer_id INT UNSIGNED NOT NULL,
  reference VARCHAR(40) NOT NULL,
  status ENUM('new','paid','packed','shipped','returned') NOT NULL,
  email VARCHAR(120) NOT NULL,
  note TEXT NULL,
  amount DECIMAL(12,2) NOT NULL,
  weight_kg DOUBLE NULL,
  items SMALLINT NOT NULL,
  ordered_at DATETIME(3) NOT NULL,
  delivered_on DATE NULL,
  details JSON NULL
) CHARACTER SET utf8mb4`;

const statuses = ['new', 'paid', 'packed', 'shipped', 'returned'];
const names = ['anna.müller', 'b.okafor', 'chen.wei', 'd.żak', 'elif.kaya', 'f.dupont', 'grace.hopper'];
const words =
  'please leave the parcel with neighbours 🎁 ring twice call before delivery fragile glass'.split(' ');

/** The row of an id: always the same, so nothing needs to be kept to know what a target must hold. */
export function orderRow(id: number): OrderRow {
  const hash = Math.imul(id ^ (id >>> 15), 0x2c1b3c6d) >>> 0;
  const name = names[hash % names.length];
  const from = hash % words.length;
  const note = Array.from({ length: 8 + (hash % 16) }, (_, at) => words[(from + at) % words.length]).join(
    ' ',
  );
  const day = `20${20 + (hash % 6)}-0${1 + (hash % 9)}-${10 + (hash % 18)}`;
  return [
    String(id),
    String(hash % 1_000_000),
    `ORD-${hash.toString(16).padStart(8, '0')}-${id}`,
    statuses[hash % statuses.length]!,
    `${name}.${hash % 9973}@example.org`,
    hash % 4 === 0 ? null : note,
    `${hash % 100_000}.${10 + (hash % 90)}`,
    hash % 5 === 0 ? null : String((hash % 4000) / 128),
    String(hash % 500),
    `${day} ${10 + (hash % 14)}:${10 + (hash % 50)}:${10 + (hash % 49)}.${100 + (hash % 900)}`,
    hash % 3 === 0 ? null : day,
    hash % 6 === 0 ? null : `{"tags": ["web", "${name}"], "gift": ${hash % 2 === 0}, "lines": ${hash % 40}}`,
  ];
}

/** The row as a MongoDB document, by docs/type-mapping.md and without `_sync`. */
export function orderDocument(row: OrderRow): mongo.Document {
  const [
    id,
    customer,
    reference,
    status,
    email,
    note,
    amount,
    weight,
    items,
    orderedAt,
    deliveredOn,
    details,
  ] = row as string[];
  return {
    _id: mongo.Long.fromString(id!),
    id: mongo.Long.fromString(id!),
    customer_id: Number(customer),
    reference,
    status,
    email,
    note,
    amount: mongo.Decimal128.fromString(amount!),
    weight_kg: weight === null ? null : new mongo.Double(Number(weight)),
    items: Number(items),
    ordered_at: new Date(`${orderedAt!.replace(' ', 'T')}Z`),
    delivered_on: deliveredOn,
    details: details === null ? null : (JSON.parse(details!) as unknown),
  };
}

/** The row as the fields of a Redis hash; NULL columns have none. */
export function orderFields(row: OrderRow): Record<string, string> {
  const fields: Record<string, string> = {};
  columns.forEach((column, at) => {
    const value = row[at];
    if (value !== null && value !== undefined)
      fields[column] = column === 'ordered_at' ? value.replace(' ', 'T') : value;
  });
  return fields;
}
