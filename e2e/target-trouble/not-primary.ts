import type { Interceptor } from '@tributary/testing';
import { mongo } from 'mongoose';

const { serialize, deserialize } = mongo.BSON;

const OP_MSG = 2013;
/** Message head, flags and the kind of the first section, which is a document. */
const DOCUMENT_AT = 21;
const writes = new Set(['insert', 'update', 'delete', 'findAndModify']);

/**
 * Answers writes as a server that is no primary (any more) does: they reach the server as pings, so nothing is written,
 * and what it says to these becomes `answer`. For servers that cannot fail over.
 */
export function refuseWrites(answer: object): Interceptor {
  const refused = new Set<number>();
  return (data, direction) => {
    const document = documentOf(data);
    if (!document) return data;
    if (direction === 'up') {
      if (!writes.has(Object.keys(document)[0]!)) return data;
      refused.add(data.readInt32LE(4));
      return message(data, { ping: 1, $db: 'admin' });
    }
    return refused.delete(data.readInt32LE(8)) ? message(data, answer) : data;
  };
}

/** The command or the answer in a piece that is a whole message. */
function documentOf(data: Buffer): mongo.Document | undefined {
  const whole = data.length > DOCUMENT_AT && data.readInt32LE(0) === data.length;
  if (!whole || data.readInt32LE(12) !== OP_MSG || data[DOCUMENT_AT - 1] !== 0) return undefined;
  const size = data.readInt32LE(DOCUMENT_AT);
  return deserialize(data.subarray(DOCUMENT_AT, DOCUMENT_AT + size));
}

/** The same message with another document and nothing else in it. */
function message(like: Buffer, document: object): Buffer {
  const head = Buffer.from(like.subarray(0, DOCUMENT_AT));
  head.writeUInt32LE(0, 16);
  const whole = Buffer.concat([head, serialize(document)]);
  whole.writeInt32LE(whole.length, 0);
  return whole;
}
