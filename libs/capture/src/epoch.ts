import { randomBytes } from 'node:crypto';
import { MAX_EPOCH, versionParts, type Version } from '@tributary/contract';
import { fatal } from '@tributary/kernel';

/** What the source's capture schema says of itself, and an id that the log has just handed out. */
export interface LogState {
  /** `null` in a schema that is new, or that an older version made. */
  readonly pipeline: string | null;
  readonly incarnation: string | null;
  /** The incarnation that Kafka was told last; `null`: it never was. */
  readonly announced: string | null;
  /** 0 when none was decided yet. */
  readonly epoch: number;
  /** No record was published under a higher id of this epoch, but such whose entry is still in the log. */
  readonly highId: bigint;
  readonly freshId: bigint;
}

/** What Kafka and the targets say of the versions that were given so far. */
export interface KafkaState {
  /** The identity note, if there is one. */
  readonly note: { readonly pipeline: string; readonly incarnation: string; readonly epoch: number } | null;
  /** The highest version that was found on the topic; `null` when there is none. */
  readonly highest: Version | null;
  /** A sentence when the topic lacks what was acknowledged, or holds what the log never said or says no more. */
  readonly mismatch: string | null;
  /** A target holds versions up to this epoch that are not this log's. */
  readonly demand: { readonly epoch: number; readonly reason: string } | null;
}

export interface LogIdentity {
  readonly pipeline: string;
  readonly incarnation: string;
  readonly epoch: number;
  /** Why no version given so far compares with those to come, a sentence; `null` when they do. */
  readonly raised: string | null;
}

/** 32 hex digits that nobody else has. */
const newToken = () => randomBytes(16).toString('hex');

/**
 * Whose versions the log's ids are, and under which epoch (R4). The epoch rises above all that was ever seen, under a
 * new incarnation, when ids could repeat or something is missing: raising is always safe, as long as all tables are
 * loaded again. Throws a fatal SyncError `EPOCH` when no epoch is left.
 */
export function decideIdentity(log: LogState, kafka: KafkaState): LogIdentity {
  const seen = kafka.highest === null ? 0 : versionParts(kafka.highest).epoch;
  const above = Math.max(log.epoch, kafka.note?.epoch ?? 0, seen, kafka.demand?.epoch ?? 0);
  const pipeline = log.pipeline ?? kafka.note?.pipeline ?? newToken();
  if (above === 0) return { pipeline, incarnation: log.incarnation ?? newToken(), epoch: 1, raised: null };
  const raised = mistrust(log, kafka);
  if (raised === null)
    return { pipeline, incarnation: log.incarnation ?? newToken(), epoch: log.epoch, raised };
  if (above >= MAX_EPOCH)
    throw fatal(
      'EPOCH',
      `${raised} The epoch must rise, but ${above} is the last one: set up a new pipeline, with another topics.prefix and capture.schema and emptied targets.`,
    );
  return { pipeline, incarnation: newToken(), epoch: above + 1, raised };
}

/** The first reason not to compare the log's versions with those given before. */
function mistrust(log: LogState, kafka: KafkaState): string | null {
  const { note, highest, mismatch, demand } = kafka;
  const seen = highest === null ? null : versionParts(highest);
  if (log.epoch === 0)
    return 'The change log is new, but Kafka or a target holds versions of an earlier one.';
  if (note && note.incarnation !== log.incarnation && note.incarnation !== log.announced)
    return `Kafka holds versions of another change log, up to epoch ${note.epoch}: the source was restored or exchanged, or capture was installed anew.`;
  if (!note && log.announced !== null)
    return 'Kafka does not know this pipeline any more: its topics were lost.';
  if (mismatch !== null) return mismatch;
  const epoch = Math.max(note?.epoch ?? 0, seen?.epoch ?? 0);
  if (epoch > log.epoch)
    return `Kafka has seen epoch ${epoch}, the source only ${log.epoch}: the source was restored.`;
  if (note && note.incarnation === log.incarnation && note.epoch < log.epoch)
    return `A relay of an older version has raised the epoch from ${note.epoch} to ${log.epoch}, and loaded nothing.`;
  if (seen && seen.epoch === log.epoch && log.freshId <= seen.id)
    return `The log's counter is at ${log.freshId}, but Kafka has seen ${seen.id}: it went back.`;
  if (log.freshId <= log.highId)
    return `The log's counter is at ${log.freshId}, below the ${log.highId} used before: it went back.`;
  if (demand && demand.epoch >= log.epoch) return demand.reason;
  return null;
}
