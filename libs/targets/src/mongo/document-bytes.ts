import { mongo } from 'mongoose';
import { UnmappableError } from '../mapping';

/** What MongoDB takes as a document. */
const MOST_BYTES = 16 * 2 ** 20;

/**
 * A document of the mapping as BSON. Throws an UnmappableError for one that MongoDB cannot hold. The driver writes into a
 * buffer of 17 MiB: a text that goes beyond its end is cut off there without an error, anything else is a RangeError.
 */
export function documentBytes(document: object): Buffer {
  const bytes = written(document);
  if (bytes === undefined || bytes.length > MOST_BYTES)
    throw new UnmappableError('its document has more than the 16 MiB that MongoDB takes');
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function written(document: object): Uint8Array | undefined {
  try {
    return mongo.BSON.serialize(document, { ignoreUndefined: true });
  } catch (error) {
    if ((error as Error).name !== 'RangeError') throw error;
    return undefined;
  }
}
