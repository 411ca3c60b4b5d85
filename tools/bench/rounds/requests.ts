import type { Requests } from './counting-proxy';

/** Cuts bytes into frames; `size` answers the whole length of the frame that begins the buffer, 0 while it is not known. */
function frames(size: (data: Buffer) => number, nameOf: (frame: Buffer) => string | undefined): Requests {
  let held: Buffer = Buffer.alloc(0);
  return (data) => {
    held = held.length > 0 ? Buffer.concat([held, data]) : data;
    const names: string[] = [];
    for (let length = size(held); length > 0 && held.length >= length; length = size(held)) {
      const name = nameOf(held.subarray(0, length));
      if (name !== undefined) names.push(name);
      held = held.subarray(length);
    }
    return names;
  };
}

/** Of https://kafka.apache.org/protocol#protocol_api_keys. */
const apis: Readonly<Record<number, string>> = {
  ...{ 0: 'Produce', 1: 'Fetch', 2: 'ListOffsets', 3: 'Metadata', 8: 'OffsetCommit', 9: 'OffsetFetch' },
  ...{ 12: 'Heartbeat' },
};

export const kafkaRequests = () =>
  frames(
    (data) => (data.length < 4 ? 0 : 4 + data.readInt32BE()),
    (frame) => apis[frame.readInt16BE(4)] ?? 'other',
  );

/** Names of commands: the first field of the document of an OP_MSG (the MongoDB wire protocol). */
export const mongoRequests = () =>
  frames(
    (data) => (data.length < 4 ? 0 : data.readInt32LE()),
    (frame) => {
      const OP_MSG = 2013;
      if (frame.readInt32LE(12) !== OP_MSG) return 'other';
      // Header, flags, kind of section, length of the document, type of its first field.
      const name = 16 + 4 + 1 + 4 + 1;
      return frame.toString('latin1', name, frame.indexOf(0, name));
    },
  );
