/** Header names of change events (contract section 7). */
export const header = {
  version: 'v',
  schema: 'schema',
  crc: 'crc',
  trace: 'traceparent',
  /** Present on control records only (see `control.ts`); such a record is not a row change. */
  control: 'control',
} as const;

/** Headers that a dead letter has on top of the original's. */
export const deadLetterHeader = {
  stage: 'dlq.stage',
  code: 'dlq.code',
  reason: 'dlq.reason',
  topic: 'dlq.topic',
  partition: 'dlq.partition',
  offset: 'dlq.offset',
  at: 'dlq.at',
  attempts: 'dlq.attempts',
} as const;

export type HeaderValue = Buffer | string | (Buffer | string)[] | undefined;
export type Headers = Record<string, HeaderValue>;

/** The text of one header; `undefined` when it is absent or repeated. */
export function headerText(headers: Headers | undefined, name: string): string | undefined {
  const value = headers?.[name];
  if (value === undefined || Array.isArray(value)) return undefined;
  return typeof value === 'string' ? value : value.toString('utf8');
}

/** Topic names of one pipeline. */
export function topicNames(prefix: string) {
  return {
    changes: `${prefix}.changes`,
    validated: `${prefix}.validated`,
    deadLetters: `${prefix}.dead-letters`,
    /** Compacted: row schemas by fingerprint, read by validator, sinks and CLI at start. */
    schemas: `${prefix}.schemas`,
    /** Compacted: one heartbeat per service instance, read by `tributary status`. */
    heartbeats: `${prefix}.heartbeats`,
  } as const;
}
export type TopicNames = ReturnType<typeof topicNames>;
