import { readShapes, type Connection } from '@tributary/capture';
import type { RowSchema } from '@tributary/contract';
import type { LoadShape } from './schema-encoders';

/** Looks shapes up in the capture schema, which is read again when an id is new (capture was re-installed). */
export function shapeLoader(connection: Connection, captureSchema: string): LoadShape {
  let shapes = new Map<number, RowSchema>();
  return async (shapeId) => {
    if (!shapes.has(shapeId))
      shapes = new Map((await readShapes(connection, captureSchema)).map(({ id, schema }) => [id, schema]));
    return shapes.get(shapeId);
  };
}
