import { Double, Int32 } from './bson';
import { columnsTable, type Cell, type MatrixTable, type Server } from './matrix-table';

const doubles = (part: unknown): unknown =>
  Array.isArray(part) ? part.map(doubles) : new Double(part as number);

/** A geometry by its WKT (in stored order, x then y) and what GeoJSON says of it. */
function shape(server: Server, wkt: string, type: string, coordinates: unknown, srid = 0): Cell {
  // MySQL 8 reads WKT of geographic reference systems as latitude, longitude unless told otherwise.
  const order = server === 'mysql' && srid === 4326 ? ", 'axis-order=long-lat'" : '';
  const members = new Map<string, unknown>([
    ['type', type],
    ['coordinates', doubles(coordinates)],
  ]);
  if (srid !== 0) members.set('srid', srid > 2 ** 31 - 1 ? new Double(srid) : new Int32(srid));
  // MariaDB's parser knows points without parentheses of their own only.
  const written =
    type === 'MultiPoint' ? wkt.replaceAll('((', '(').replaceAll('))', ')').replaceAll('),(', ',') : wkt;
  return { sql: `ST_GeomFromText('${written}', ${srid}${order})`, mongo: members, redis: wkt };
}

export function shapeTable(server: Server): MatrixTable {
  const of = (wkt: string, type: string, coordinates: unknown, srid?: number) =>
    shape(server, wkt, type, coordinates, srid);
  const point = of('POINT(1 2)', 'Point', [1, 2]);
  const hole = of('POLYGON((0 0,10 0,10 10,0 10,0 0),(2 2,4 2,4 4,2 4,2 2))', 'Polygon', [
    [
      [0, 0],
      [10, 0],
      [10, 10],
      [0, 10],
      [0, 0],
    ],
    [
      [2, 2],
      [4, 2],
      [4, 4],
      [2, 4],
      [2, 2],
    ],
  ]);
  const collection: Cell = {
    sql: `ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(0 0,1 1))', 3857)`,
    mongo: new Map<string, unknown>([
      ['type', 'GeometryCollection'],
      [
        'geometries',
        [
          new Map<string, unknown>([
            ['type', 'Point'],
            ['coordinates', doubles([1, 2])],
          ]),
          new Map<string, unknown>([
            ['type', 'LineString'],
            [
              'coordinates',
              doubles([
                [0, 0],
                [1, 1],
              ]),
            ],
          ]),
        ],
      ],
      ['srid', new Int32(3857)],
    ]),
    redis: 'GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(0 0,1 1))',
  };
  const empty: Cell = {
    sql: `ST_GeomFromText('GEOMETRYCOLLECTION EMPTY')`,
    mongo: new Map<string, unknown>([
      ['type', 'GeometryCollection'],
      ['geometries', []],
    ]),
    redis: 'GEOMETRYCOLLECTION EMPTY',
  };
  return columnsTable('shapes', [
    {
      type: 'POINT',
      cells: [
        point,
        of('POINT(-122.4194 37.7749)', 'Point', [-122.4194, 37.7749], 4326),
        of('POINT(-20037508.342789244 0.1)', 'Point', [-20037508.342789244, 0.1], 3857),
      ],
    },
    {
      type: 'LINESTRING',
      cells: [
        of('LINESTRING(0 0,1.5 -2.25,3 4)', 'LineString', [
          [0, 0],
          [1.5, -2.25],
          [3, 4],
        ]),
      ],
    },
    {
      type: 'POLYGON',
      cells: [
        hole,
        of(
          'POLYGON((0 0,1 0,1 1,0 0))',
          'Polygon',
          [
            [
              [0, 0],
              [1, 0],
              [1, 1],
              [0, 0],
            ],
          ],
          4326,
        ),
      ],
    },
    {
      type: 'MULTIPOINT',
      cells: [
        of('MULTIPOINT((1 1),(2 2))', 'MultiPoint', [
          [1, 1],
          [2, 2],
        ]),
      ],
    },
    {
      type: 'MULTILINESTRING',
      cells: [
        of('MULTILINESTRING((0 0,1 1),(2 2,3 3,4 4))', 'MultiLineString', [
          [
            [0, 0],
            [1, 1],
          ],
          [
            [2, 2],
            [3, 3],
            [4, 4],
          ],
        ]),
      ],
    },
    {
      type: 'MULTIPOLYGON',
      cells: [
        of('MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((5 5,6 5,6 6,5 5)))', 'MultiPolygon', [
          [
            [
              [0, 0],
              [1, 0],
              [1, 1],
              [0, 0],
            ],
          ],
          [
            [
              [5, 5],
              [6, 5],
              [6, 6],
              [5, 5],
            ],
          ],
        ]),
      ],
    },
    { type: 'GEOMETRYCOLLECTION', cells: [collection, empty] },
    { type: 'GEOMETRY', cells: [point, collection, hole] },
  ]);
}
