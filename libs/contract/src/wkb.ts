/**
 * MySQL's geometry value: 4 bytes SRID (little-endian) and standard WKB (OGC 06-103r4, section 8), whose
 * numbers are IEEE doubles in the byte order that each part names. Coordinates stay in stored order (x, y).
 */
type Position = [number, number];
export type Geometry =
  | { type: 'Point'; coordinates: Position }
  | { type: 'LineString' | 'MultiPoint'; coordinates: Position[] }
  | { type: 'Polygon' | 'MultiLineString'; coordinates: Position[][] }
  | { type: 'MultiPolygon'; coordinates: Position[][][] }
  | { type: 'GeometryCollection'; geometries: Geometry[] };

/** The geometry of a MySQL value as GeoJSON, and its SRID. Throws a RangeError on bytes that are no geometry. */
export function readGeometry(value: Buffer): { geometry: Geometry; srid: number } {
  return { geometry: new WkbReader(value, 4).geometry(), srid: value.readUInt32LE(0) };
}

/** Well-known text of a MySQL geometry value, in MySQL's own spelling: `POINT(1 2)`. */
export function wktOf(value: Buffer): string {
  return wkt(readGeometry(value).geometry);
}

class WkbReader {
  constructor(
    private readonly bytes: Buffer,
    private at: number,
  ) {}

  geometry(): Geometry {
    const little = this.bytes.readUInt8(this.at) === 1;
    this.at += 1;
    const type = this.#count(little);
    const many = <T>(read: () => T): T[] => Array.from({ length: this.#count(little) }, read);
    const position = (): Position => [this.#double(little), this.#double(little)];
    const line = () => many(position);
    const parts = <T>() => many(() => (this.geometry() as unknown as { coordinates: T }).coordinates);
    switch (type) {
      case 1:
        return { type: 'Point', coordinates: position() };
      case 2:
        return { type: 'LineString', coordinates: line() };
      case 3:
        return { type: 'Polygon', coordinates: many(line) };
      case 4:
        return { type: 'MultiPoint', coordinates: parts<Position>() };
      case 5:
        return { type: 'MultiLineString', coordinates: parts<Position[]>() };
      case 6:
        return { type: 'MultiPolygon', coordinates: parts<Position[][]>() };
      case 7:
        return { type: 'GeometryCollection', geometries: many(() => this.geometry()) };
      default:
        throw new RangeError(`Unknown WKB geometry type ${type}`);
    }
  }

  #count(little: boolean): number {
    const value = little ? this.bytes.readUInt32LE(this.at) : this.bytes.readUInt32BE(this.at);
    this.at += 4;
    // A part needs more than one byte: a larger count is a broken value and must not allocate.
    if (value > this.bytes.length) throw new RangeError('A WKB count is larger than the value');
    return value;
  }

  #double(little: boolean): number {
    const value = little ? this.bytes.readDoubleLE(this.at) : this.bytes.readDoubleBE(this.at);
    this.at += 8;
    return value;
  }
}

const wktNames: Record<Geometry['type'], string> = {
  Point: 'POINT',
  LineString: 'LINESTRING',
  Polygon: 'POLYGON',
  MultiPoint: 'MULTIPOINT',
  MultiLineString: 'MULTILINESTRING',
  MultiPolygon: 'MULTIPOLYGON',
  GeometryCollection: 'GEOMETRYCOLLECTION',
};

function wkt(geometry: Geometry): string {
  if (geometry.type === 'GeometryCollection')
    return geometry.geometries.length === 0
      ? 'GEOMETRYCOLLECTION EMPTY'
      : `GEOMETRYCOLLECTION(${geometry.geometries.map(wkt).join(',')})`;
  const { type, coordinates } = geometry;
  const inner =
    type === 'Point'
      ? coordinates.join(' ')
      : type === 'MultiPoint'
        ? coordinates.map((point) => `(${wktPart(point)})`).join(',')
        : coordinates.map(wktPart).join(',');
  return `${wktNames[type]}(${inner})`;
}

type Nested = Position | Position[] | Position[][];

function wktPart(part: Nested): string {
  if (typeof part[0] === 'number') return part.join(' ');
  return `(${(part as Position[] | Position[][]).map(wktPart).join(',')})`;
}
