import { Decimal128, Double, Int32, Long } from './bson';
import { columnsTable, textSql, type Cell, type MatrixTable, type Server } from './matrix-table';

/** A JSON text and the text that each server shows for it: MariaDB as written, MySQL in its normal form. */
const json = (mongo: unknown, written: string, normal: string, server: Server): Cell => ({
  sql: textSql(written),
  mongo,
  redis: server === 'mysql' ? normal : written,
});

const map = (members: Record<string, unknown>) => new Map(Object.entries(members));
/** Of the servers' own limits, 100 and 32, less what comes around it. */
const depth: Record<Server, number> = { mysql: 95, mariadb: 30 };

function deep(levels: number): unknown {
  let value: unknown = new Int32(1);
  for (let at = 0; at < levels; at += 1) value = [value];
  return value;
}

export function jsonTable(server: Server): MatrixTable {
  const mysql = server === 'mysql';
  const levels = depth[server];
  const nested = `${'['.repeat(levels)}1${']'.repeat(levels)}`;
  const cells = [
    json(
      map({
        n: Long.fromString('9007199254740993'),
        u: Decimal128.fromString('18446744073709551615'),
        max: Long.fromString('9223372036854775807'),
        min: Long.fromString('-9223372036854775808'),
        wide: Long.fromString('4294967296'),
        small: new Int32(1),
      }),
      '{"n":9007199254740993,"u":18446744073709551615,"max":9223372036854775807,"min":-9223372036854775808,"wide":4294967296,"small":1}',
      '{"n": 9007199254740993, "u": 18446744073709551615, "max": 9223372036854775807, "min": -9223372036854775808, "wide": 4294967296, "small": 1}',
      server,
    ),
    json(deep(levels), nested, nested, server),
    json(
      map({ ключ: '😀 漢字 "\\/', 'a.b': true, $set: [], '': map({}) }),
      '{"ключ":"😀 漢字 \\"\\\\\\/","a.b":true,"$set":[],"":{}}',
      // By length in bytes, then by bytes.
      '{"": {}, "a.b": true, "$set": [], "ключ": "😀 漢字 \\"\\\\/"}',
      server,
    ),
    // The last of a repeated member counts; MariaDB keeps the text.
    json(map({ a: new Int32(2), b: null }), '{"a":1,"b":null,"a":2}', '{"a": 2, "b": null}', server),
    json(null, 'null', 'null', server),
    json('text', '"text"', '"text"', server),
    json(true, ' true ', 'true', server),
    json(new Double(1.1), '1.10', '1.1', server),
    json(
      // MySQL's own parser is one unit in the last place off; what it stores is what counts.
      mysql ? new Double(1.2345678901234566e29) : Decimal128.fromString('123456789012345678901234567890'),
      '123456789012345678901234567890',
      '1.2345678901234566e29',
      server,
    ),
    json(
      mysql ? new Double(0.12345678901234568) : Decimal128.fromString('0.12345678901234567890'),
      '0.12345678901234567890',
      '0.12345678901234568',
      server,
    ),
    json(
      [new Double(0.1), new Double(1e100), new Double(5e-324), new Int32(-1), 'a\0b', '\u001f'],
      '[0.1,1e100,5e-324,-1,"a\\u0000b","\\u001f"]',
      '[0.1, 1e100, 5e-324, -1, "a\\u0000b", "\\u001f"]',
      server,
    ),
    json(
      new Map<string, unknown>([
        ['__proto__', new Map([['x', new Int32(1)]])],
        ['_bsontype', 'Long'],
        ['constructor', 'c'],
      ]),
      '{"__proto__":{"x":1},"_bsontype":"Long","constructor":"c"}',
      '{"__proto__": {"x": 1}, "_bsontype": "Long", "constructor": "c"}',
      server,
    ),
    json(
      new Map<string, unknown>([
        ['1', 'a'],
        ['2', 'b'],
        ['10', 'c'],
      ]),
      '{"1":"a","2":"b","10":"c"}',
      '{"1": "a", "2": "b", "10": "c"}',
      server,
    ),
    json(map({ b: new Int32(1), a: new Int32(2) }), '{"b":1,"a":2}', '{"a": 2, "b": 1}', server),
    json([], '[]', '[]', server),
    json(map({}), '{}', '{}', server),
    json('', '""', '""', server),
  ];
  // MySQL sorts the members of an object.
  const sorted = mysql
    ? cells.map((cell) => (cell.mongo instanceof Map ? { ...cell, mongo: sortedMap(cell.mongo) } : cell))
    : cells;
  const made: Cell = mysql
    ? {
        sql: `JSON_OBJECT('d', CAST(1.10 AS DECIMAL(10,2)), 'at', CAST('2026-11-23 10:00:00' AS DATETIME(6)))`,
        mongo: new Map<string, unknown>([
          ['d', new Double(1.1)],
          ['at', '2026-11-23 10:00:00.000000'],
        ]),
        redis: '{"d": 1.10, "at": "2026-11-23 10:00:00.000000"}',
      }
    : json(map({ d: new Double(1.1) }), '{"d":1.10}', '', server);
  return columnsTable('documents', [
    { type: 'JSON', cells: sorted },
    { type: 'JSON', cells: [made] },
  ]);
}

/** In MySQL's order of JSON members: the shorter name first, else by bytes. */
function sortedMap(members: Map<string, unknown>): Map<string, unknown> {
  const size = (name: string) => Buffer.byteLength(name);
  return new Map(
    [...members].sort(([a], [b]) => size(a) - size(b) || Buffer.compare(Buffer.from(a), Buffer.from(b))),
  );
}
