import { headerValues } from '@tributary/contract';
import type { Message } from 'kafkajs';
import { crc32c } from './crc32c';
import { PartitionRun } from './partition-run';
import { canPack, pack } from './record-batch/codecs';
import { BatchMessage, writePassed } from './record-batch/passed-batch';
import { byteLength, type OutRecord } from '@tributary/transport';

/** What the client hands to the encoder of a produce request, versions 3 to 7. */
export interface ProduceParams {
  readonly acks: number;
  readonly timeout: number;
  readonly transactionalId?: string | null;
  readonly producerId?: unknown;
  readonly producerEpoch?: number;
  readonly compression?: number;
  readonly topicData: readonly {
    readonly topic: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly firstSequence?: number;
      readonly messages: readonly Message[] | PartitionRun;
    }[];
  }[];
}

/** A message whose size is known, see `sizeOfRecord`. */
export interface SizedMessage extends Message {
  size: number;
}

/** Before the first record: offset, length, leader epoch, magic, CRC, attributes, deltas, times, producer, count. */
const BATCH_HEAD = 61;
/** The checksum begins behind itself. */
const CRC_AT = 17;
const CRC_FROM = 21;
/** Where the length of all behind it stands, and the attributes. */
const LENGTH_AT = 8;
const ATTRIBUTES_AT = 21;

/** Below it compression costs more than its bytes: one event of 600 is written in 530, two of them in 700. */
const LEAST_PACKED_BYTES = 1024;
/**
 * Above it is only a record that stands alone (see `CHUNK_BYTES`). It goes as it is: packing would hold it in memory a
 * second time (R13), and whether the topic takes it does not depend on what is in it.
 */
export const MOST_PACKED_BYTES = 1_000_000;

/** Whether `encodeProduce` can write it: no transaction, no compression that is not ours, no times of its own in a message. */
export const isPlain = ({ transactionalId, compression, topicData }: ProduceParams) =>
  (transactionalId === undefined || transactionalId === null) &&
  (!compression || canPack(compression)) &&
  topicData.every(({ partitions }) =>
    partitions.every(
      ({ messages }) =>
        // Made by the publisher, without times.
        messages instanceof PartitionRun || messages.every(({ timestamp }) => timestamp === undefined),
    ),
  );

/**
 * The body of a produce request in one buffer, without compression exactly the bytes of the client's own encoder. That
 * one makes half a dozen buffers for each record and copies all records eight times, which cost half of the validator's
 * time. With a compression a batch is packed where that makes it smaller. `room`: that many bytes are left free before
 * the body.
 */
export function encodeProduce(params: ProduceParams, room = 0): Buffer {
  const { acks, timeout, producerId = -1n, producerEpoch = 0, compression, topicData } = params;
  const now = BigInt(Date.now());
  const producer = BigInt(String(producerId));
  const batches = topicData.map(({ partitions }) =>
    partitions.map(({ messages }) => sizesOf(listOf(messages))),
  );
  let size = room + 12;
  topicData.forEach(({ topic }, nth) => {
    size += 6 + Buffer.byteLength(topic);
    for (const { bytes } of batches[nth]!) size += 8 + BATCH_HEAD + bytes;
  });
  const out = Buffer.allocUnsafe(size);
  let at = out.writeInt16BE(-1, room);
  at = out.writeInt16BE(acks, at);
  at = out.writeInt32BE(timeout, at);
  at = out.writeInt32BE(topicData.length, at);
  topicData.forEach(({ topic, partitions }, nth) => {
    at = out.writeInt16BE(Buffer.byteLength(topic), at);
    at += out.write(topic, at);
    at = out.writeInt32BE(partitions.length, at);
    partitions.forEach(({ partition, firstSequence = 0, messages: all }, which) => {
      const messages = listOf(all);
      const { bytes, bodies } = batches[nth]![which]!;
      at = out.writeInt32BE(partition, at);
      const batch = at + 4;
      const [first] = messages;
      if (first instanceof BatchMessage) {
        at = writePassed(out, batch, first.batch, {
          producerId: producer,
          producerEpoch,
          sequence: firstSequence,
          now,
        });
        out.writeInt32BE(at - batch, batch - 4);
        return;
      }
      at = out.writeBigInt64BE(0n, batch);
      at = out.writeInt32BE(0, at + 4);
      at = out.writeInt8(2, at) + 4;
      at = out.writeInt16BE(0, at);
      at = out.writeInt32BE(messages.length - 1, at);
      at = out.writeBigInt64BE(now, at);
      at = out.writeBigInt64BE(now, at);
      at = out.writeBigInt64BE(producer, at);
      at = out.writeInt16BE(producerEpoch, at);
      at = out.writeInt32BE(firstSequence, at);
      at = out.writeInt32BE(messages.length, at);
      for (let delta = 0; delta < messages.length; delta += 1)
        at = writeRecord(out, at, messages[delta]!, delta, bodies[delta]!);
      if (compression && bytes >= LEAST_PACKED_BYTES && bytes <= MOST_PACKED_BYTES)
        at = packBatch(compression, out, batch, at);
      out.writeInt32BE(at - batch, batch - 4);
      out.writeInt32BE(at - batch - LENGTH_AT - 4, batch + LENGTH_AT);
      out.writeUInt32BE(crc32c(out, batch + CRC_FROM, at), batch + CRC_AT);
    });
  });
  return out.subarray(0, at);
}

/** Packs the records of the batch from `batch` to `end` in their place, if that makes them smaller; answers the new end. */
function packBatch(codec: number, out: Buffer, batch: number, end: number): number {
  const packed = pack(codec, out.subarray(batch + BATCH_HEAD, end));
  if (packed.length >= end - batch - BATCH_HEAD) return end;
  out.set(packed, batch + BATCH_HEAD);
  out.writeInt16BE(codec, batch + ATTRIBUTES_AT);
  return batch + BATCH_HEAD + packed.length;
}

interface Sizes {
  /** Of all records with their lengths. */
  readonly bytes: number;
  /** Of each record without its length. */
  readonly bodies: Int32Array;
}

function sizesOf(messages: readonly Message[]): Sizes {
  const [first] = messages;
  if (first instanceof BatchMessage)
    return { bytes: first.batch.bytes.length - BATCH_HEAD, bodies: new Int32Array() };
  const bodies = new Int32Array(messages.length);
  let bytes = 0;
  for (let delta = 0; delta < messages.length; delta += 1) {
    const message = messages[delta]!;
    const body = (isSized(message) ? message.size : sizeOfRecord(message)) + sizeOfInt(delta);
    bodies[delta] = body;
    bytes += sizeOfInt(body) + body;
  }
  return { bytes, bodies };
}

const listOf = (messages: readonly Message[] | PartitionRun) =>
  messages instanceof PartitionRun ? messages.messages : messages;

const isSized = (message: Message): message is SizedMessage => 'size' in message;

/** Bytes of a record but for its length and its place in the batch. */
export function sizeOfRecord({ key, value, headers }: Message): number {
  // Attributes and the time, which is that of the batch, take a byte each.
  let size = 2 + sizeOfBytes(key) + sizeOfBytes(value);
  let count = 0;
  for (const name in headers) {
    const held = headers[name];
    if (held === undefined) continue;
    const nameSize = sizeOfBytes(name);
    if (!Array.isArray(held)) {
      size += nameSize + sizeOfBytes(held);
      count += 1;
    } else
      for (const one of headerValues(held)) {
        size += nameSize + sizeOfBytes(one);
        count += 1;
      }
  }
  return size + sizeOfInt(count);
}

function writeRecord(out: Buffer, start: number, message: Message, delta: number, body: number): number {
  const { key, value, headers } = message;
  let at = writeInt(out, start, body);
  out[at++] = 0;
  out[at++] = 0;
  at = writeInt(out, at, delta);
  at = writeBytes(out, at, key);
  at = writeBytes(out, at, value);
  let count = 0;
  for (const name in headers) {
    const held = headers[name];
    if (held !== undefined) count += Array.isArray(held) ? headerValues(held).length : 1;
  }
  at = writeInt(out, at, count);
  for (const name in headers) {
    const held = headers[name];
    if (held === undefined) continue;
    if (!Array.isArray(held)) {
      at = writeBytes(out, at, name);
      at = writeBytes(out, at, held);
    } else
      for (const one of headerValues(held)) {
        at = writeBytes(out, at, name);
        at = writeBytes(out, at, one);
      }
  }
  return at;
}

type Bytes = OutRecord['value'] | undefined;

function sizeOfBytes(value: Bytes): number {
  if (value === null || value === undefined) return 1;
  const length = typeof value === 'string' ? sizeOfText(value) : byteLength(value);
  return sizeOfInt(length) + length;
}

function writeBytes(out: Buffer, at: number, value: Bytes): number {
  if (value === null || value === undefined) return writeInt(out, at, -1);
  if (typeof value === 'string') return writeText(out, at, value);
  let end = writeInt(out, at, byteLength(value));
  if (Buffer.isBuffer(value)) {
    out.set(value, end);
    return end + value.length;
  }
  for (const piece of value) {
    out.set(piece, end);
    end += piece.length;
  }
  return end;
}

/** Longer texts go faster by Node's own functions, which cost 0.1 us a call: names and values of headers are shorter. */
const SHORT = 40;

function writeText(out: Buffer, at: number, text: string): number {
  const { length } = text;
  if (length <= SHORT) {
    const start = writeInt(out, at, length);
    let nth = 0;
    for (; nth < length; nth += 1) {
      const code = text.charCodeAt(nth);
      if (code > 0x7f) break;
      out[start + nth] = code;
    }
    if (nth === length) return start + length;
  }
  const end = writeInt(out, at, Buffer.byteLength(text));
  return end + out.write(text, end);
}

function sizeOfText(text: string): number {
  const { length } = text;
  if (length > SHORT) return Buffer.byteLength(text);
  for (let nth = 0; nth < length; nth += 1) if (text.charCodeAt(nth) > 0x7f) return Buffer.byteLength(text);
  return length;
}

/** Bytes of a number as a zigzag varint. */
function sizeOfInt(value: number): number {
  let bytes = 1;
  for (let rest = zigzag(value) >>> 7; rest !== 0; rest >>>= 7) bytes += 1;
  return bytes;
}

function writeInt(out: Buffer, start: number, value: number): number {
  let at = start;
  let rest = zigzag(value) >>> 0;
  for (; rest > 0x7f; rest >>>= 7) out[at++] = (rest & 0x7f) | 0x80;
  out[at++] = rest;
  return at;
}

const zigzag = (value: number) => (value << 1) ^ (value >> 31);
