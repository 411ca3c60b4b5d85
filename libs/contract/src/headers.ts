/** Header names of change events (docs/change-event.md, Headers). */
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

/** Headers of the record that resolves a dead letter: it stands behind it on its partition and has no value. */
export const resolutionHeader = {
  /** What became of the dead letter: see `Resolution`. */
  resolution: 'dlq.resolution',
  /** `<partition>:<offset>` of the dead letter. */
  deadLetter: 'dlq.letter',
  at: 'dlq.at',
} as const;

export type Resolution = 'replayed' | 'discarded';

/** Kafka knows headers without a value (null). */
type OneValue = Buffer | string | null;
export type HeaderValue = OneValue | OneValue[] | undefined;
export type Headers = Record<string, HeaderValue>;

/** The text of one header; `undefined` when it is absent, repeated or without a value. */
export function headerText(headers: Headers | undefined, name: string): string | undefined {
  const value = headers?.[name];
  return Array.isArray(value) ? undefined : textOf(value);
}

/** The text of the last header of that name: the one that was added to a record which may have had one already. */
export function lastHeaderText(headers: Headers | undefined, name: string): string | undefined {
  const value = headers?.[name];
  return textOf(Array.isArray(value) ? value.at(-1) : value);
}

/**
 * All values of one header. The filter drops what is not from Kafka: for a header named like a member of Object.prototype
 * (`toString`, `__proto__`), the client puts the inherited member before the value.
 */
export function headerValues(value: HeaderValue): OneValue[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).filter(
    (one) => typeof one === 'string' || one === null || Buffer.isBuffer(one),
  );
}

const textOf = (value: OneValue | undefined): string | undefined =>
  typeof value === 'string' ? value : value?.toString('utf8');

/** Topic names of one pipeline. */
export function topicNames(prefix: string) {
  return {
    changes: `${prefix}.changes`,
    validated: `${prefix}.validated`,
    /** Bulk records: rows and control records of loads that no relay makes; read behind `changes`, in any order to it. */
    loads: `${prefix}.loads`,
    /** The good ones of them, read behind `validated`. */
    validatedLoads: `${prefix}.validated-loads`,
    deadLetters: `${prefix}.dead-letters`,
    /** Compacted: row schemas by fingerprint, read by validator, sinks and CLI at start. */
    schemas: `${prefix}.schemas`,
    /** Compacted: one heartbeat per service instance, read by `tributary status`. */
    heartbeats: `${prefix}.heartbeats`,
    /** Compacted: whose versions these are, suspended tables, and what services ask of the relay. */
    notes: `${prefix}.notes`,
  } as const;
}
/** Who changed what by the console, when and why; made by the console, and known to no service of the pipeline. */
export const auditTopic = (prefix: string): string => `${prefix}.audit`;

export type TopicNames = ReturnType<typeof topicNames>;
