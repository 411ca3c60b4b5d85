import { readGeometry, type Geometry } from '@tributary/contract';
import { doubleOf } from './exact-number';
import { UnmappableError } from './unmappable';

/** A MySQL geometry value (base64 on the wire) as GeoJSON, `srid` beside the coordinates when it is not 0. */
export function geoJson(wire: string): Record<string, unknown> {
  let parsed: ReturnType<typeof readGeometry>;
  try {
    parsed = readGeometry(Buffer.from(wire, 'base64'));
  } catch (error) {
    throw new UnmappableError(`a geometry value cannot be read: ${(error as Error).message}`);
  }
  const object = withDoubles(parsed.geometry);
  return parsed.srid === 0 ? object : { ...object, srid: parsed.srid };
}

function withDoubles(geometry: Geometry): Record<string, unknown> {
  return geometry.type === 'GeometryCollection'
    ? { type: geometry.type, geometries: geometry.geometries.map(withDoubles) }
    : { type: geometry.type, coordinates: doubles(geometry.coordinates) };
}

const doubles = (part: unknown): unknown =>
  Array.isArray(part) ? part.map(doubles) : doubleOf(part as number);
