import { createHash } from 'node:crypto';
import { header, headerText, parseVersion, versionParts, type Version } from '@tributary/contract';
import type { InRecord } from '@tributary/transport';

/** What is kept of a record on the topic: a few numbers, however large it is (R13). */
export interface TrailRecord {
  readonly partition: number;
  readonly version: Version;
  readonly epoch: number;
  readonly id: bigint;
  /** A change of a row; a row read by a load; a record around a load. */
  readonly kind: 'change' | 'chunk' | 'control';
  /** Digest of the key. */
  readonly key: string;
  readonly schema: string | undefined;
  readonly crc: string | undefined;
  readonly op: string | undefined;
  readonly atMs: number | undefined;
}

/** What the envelope's writer puts behind the images. */
const tail = /"snapshot":"(true|false)","ts_ms":(\d+),"seq":"\d{19}"\},"op":"(\w)","ts_ms":\d+\}$/;
const TAIL_BYTES = 256;

export const keyDigest = (key: Buffer | string) => createHash('sha256').update(key).digest('base64');

/** `undefined` when the record has no version: nobody's change. */
export function trailRecord(partition: number, { key, value, headers }: InRecord): TrailRecord | undefined {
  const version = parseVersion(headerText(headers, header.version));
  if (version === undefined) return undefined;
  const end = value?.toString('latin1', Math.max(0, value.length - TAIL_BYTES)) ?? '';
  const [, snapshot, atMs, op] = tail.exec(end) ?? [];
  const control = headerText(headers, header.control) !== undefined;
  return {
    ...{ partition, version, ...versionParts(version) },
    kind: control ? 'control' : snapshot === 'true' ? 'chunk' : 'change',
    key: keyDigest(key ?? ''),
    schema: headerText(headers, header.schema),
    crc: headerText(headers, header.crc),
    op,
    atMs: atMs === undefined ? undefined : Number(atMs),
  };
}
