// @ts-expect-error kafkajs has no types for its inside; `ClientEncoder` below says what is used of it
import Encoder from 'kafkajs/src/protocol/encoder.js';

/** The client's buffer that grows as it is written to. */
interface ClientEncoder {
  buf: Buffer;
  offset: number;
  writeEncoder(value: ClientEncoder): ClientEncoder;
}

/** Bytes that a request's heads need: two lengths, key, version, number, and the client's name. */
export const HEAD_ROOM = 512;

/** Encoders whose bytes stand in a larger buffer with free room before them. */
const rooms = new WeakMap<object, { readonly whole: Buffer; readonly start: number }>();

/** What the client's senders take for an encoder, holding `whole` from HEAD_ROOM on. */
export function roomyRequest(whole: Buffer): { readonly buf: Buffer; readonly buffer: Buffer } {
  const buf = whole.subarray(HEAD_ROOM);
  const request = { buf, buffer: buf };
  rooms.set(request, { whole, start: HEAD_ROOM });
  return request;
}

/**
 * kafkajs 2.2.4 copies a request twice to put a head before it. Of a request with room in front only the head is copied:
 * a message of 20 MB would otherwise exist three times over (R13).
 */
export function mendCopiedRequest(): void {
  const { prototype } = Encoder as { prototype: ClientEncoder };
  const { writeEncoder } = prototype;
  prototype.writeEncoder = function write(this: ClientEncoder, value: ClientEncoder): ClientEncoder {
    const room = rooms.get(value);
    if (!room || this.offset > room.start) return writeEncoder.call(this, value);
    const start = room.start - this.offset;
    this.buf.copy(room.whole, start, 0, this.offset);
    this.buf = room.whole.subarray(start);
    this.offset = this.buf.length;
    rooms.set(this, { whole: room.whole, start });
    return this;
  };
}
