import { verdictCodes, type VerdictCode, type Version } from '@tributary/contract';
import type { RowEntry } from '@tributary/capture';
import type { Finding } from '@tributary/targets';
import type { FoundEvent } from './topic-search';

export interface Verdict {
  readonly code: VerdictCode;
  /** What is the case. */
  readonly sentence: string;
  /** What to do next. */
  readonly next: string;
}

/** A stage that reads a topic, and whether anybody does. */
export interface StageFacts {
  readonly name: string;
  readonly members: number;
  /** Records of the row's partition that it has still to confirm. */
  readonly lag: number;
  /** The first offset of the partition that it has not confirmed; `undefined`: it has confirmed none yet. */
  readonly next: bigint | undefined;
}

export interface OpenDeadLetter {
  readonly id: string;
  readonly code: string;
  readonly reason: string;
  readonly stage: string;
  readonly version: Version | null;
}

/** What waits of a load by Spark: its topics are read behind those of live changes. */
export type LoadFacts = Pick<RowFacts, 'newestChange' | 'newestValidated' | 'validator'>;

/** What is known of the row before the targets. */
export interface RowFacts {
  readonly table: string;
  /** Why the table, or this row of it, is not captured; `null`: it is. */
  readonly notCaptured: { readonly reason: string; readonly next: string } | null;
  readonly inSource: boolean;
  readonly log: readonly RowEntry[];
  /** Not all entries of the table were looked through. */
  readonly logCut: boolean;
  /** Why the relay publishes nothing of the table, and what to do. */
  readonly paused: { readonly reason: string; readonly remedy: string } | undefined;
  /** What the relay says of itself: one sentence. */
  readonly relay: string;
  readonly newestChange: FoundEvent | undefined;
  readonly newestValidated: FoundEvent | undefined;
  readonly validator: StageFacts;
  readonly load: LoadFacts | undefined;
  /** Newest first; those of another target's sink are none of these. */
  readonly deadLetters: readonly OpenDeadLetter[];
  /** Above every version that was given so far. */
  readonly ceiling: Version | undefined;
}

/** What one target holds of the row. */
export interface TargetFacts {
  readonly target: string;
  readonly stage: StageFacts;
  /** The same of what reads loads; `undefined`: not looked at. */
  readonly loadsStage: StageFacts | undefined;
  /** What differs from the source; `undefined`: nothing. */
  readonly finding: Finding | undefined;
  /** Of the row or of its tombstone, whichever is higher. */
  readonly version: Version | undefined;
  /** Why the sink leaves the table out, and what to do. */
  readonly suspended: { readonly reason: string; readonly remedy: string } | undefined;
}

/** Where the row is on its way to one target: the first station, from the source on, that explains what the target holds. */
export function targetVerdict(row: RowFacts, target: TargetFacts): Verdict {
  if (row.notCaptured) return notCaptured(row.notCaptured);
  const held = target.version ?? ('' as Version);
  if (!target.finding) return settled(row, held);
  return (
    inLog(row) ??
    beforeValidator(row, held) ??
    deadLetter(row, held) ??
    beforeSink(row, target, held) ??
    inLoad(row, target, held) ??
    differing(row, target)
  );
}

/** The verdict on the row: of those on its targets the one that comes first in `verdictCodes`. */
export const rowVerdict = (verdicts: readonly Verdict[]): Verdict =>
  [...verdicts].sort((a, b) => verdictCodes.indexOf(a.code) - verdictCodes.indexOf(b.code))[0]!;

/** Whether nothing is left to do. */
export const isSettled = ({ code }: Verdict): boolean =>
  code === 'IN_SYNC' || code === 'DELETED' || code === 'SUPERSEDED';

function notCaptured({ reason, next }: NonNullable<RowFacts['notCaptured']>): Verdict {
  return { code: 'NOT_CAPTURED', sentence: reason, next };
}

function settled(row: RowFacts, held: Version): Verdict {
  const old = row.deadLetters.find(({ version }) => version !== null && version < held);
  if (old)
    return {
      code: 'SUPERSEDED',
      sentence: `The row is in step; an older change of it, rejected by ${old.stage} (${old.code}), was superseded by a newer one.`,
      next: `Discard the dead letter: tributary dlq discard ${old.id}`,
    };
  return row.inSource
    ? { code: 'IN_SYNC', sentence: 'The row is in step with the source.', next: 'Nothing is to be done.' }
    : {
        code: 'DELETED',
        sentence: 'The source has no such row, and neither has the target.',
        next: 'If it should be there, look at who deleted it: tributary history shows the delete while the topic keeps it.',
      };
}

function inLog({ log, relay, paused: held }: RowFacts): Verdict | undefined {
  const oldest = log[0];
  if (!oldest) return undefined;
  if (held) return paused(held);
  const many = log.length === 1 ? 'A change' : `${log.length} changes`;
  return {
    code: 'IN_LOG',
    sentence: `${many} of the row, the oldest of ${oldest.at.toISOString()}, still ${log.length === 1 ? 'waits' : 'wait'} in the change log. ${relay}`,
    next: 'See which relay leads and what it waits for: tributary status',
  };
}

function beforeValidator(
  { newestChange, newestValidated, validator, deadLetters }: RowFacts,
  held: Version,
): Verdict | undefined {
  const newest = newestChange?.version;
  if (newest === undefined || newest <= held || newest <= (newestValidated?.version ?? '')) return undefined;
  if (deadLetters.some(({ version }) => version === newest)) return undefined;
  return isAhead(newestChange!, validator)
    ? waiting('BEFORE_VALIDATOR', validator, newestChange!)
    : undefined;
}

function deadLetter({ deadLetters, newestValidated }: RowFacts, held: Version): Verdict | undefined {
  // One that a newer change has passed already is superseded as soon as that is applied.
  const passed = newestValidated?.version ?? '';
  const rejected = deadLetters.find(
    ({ version }) => version === null || (version > held && version >= passed),
  );
  return (
    rejected && {
      code: 'DEAD_LETTER',
      sentence: `${rejected.stage} rejected the newest change of the row (${rejected.code}): ${rejected.reason}`,
      next: `See it with tributary dlq show ${rejected.id}; mend the cause, then tributary dlq replay ${rejected.id}`,
    }
  );
}

function beforeSink(
  { newestValidated }: RowFacts,
  { stage, version, suspended }: TargetFacts,
  held: Version,
): Verdict | undefined {
  if (newestValidated === undefined || newestValidated.version <= (version ?? held)) return undefined;
  if (suspended) return paused(suspended);
  // What a sink has confirmed and the target lacks is not on its way any more.
  return isAhead(newestValidated, stage) ? waiting('BEFORE_SINK', stage, newestValidated) : undefined;
}

function inLoad(row: RowFacts, target: TargetFacts, held: Version): Verdict | undefined {
  const { load } = row;
  if (!load || !target.loadsStage) return undefined;
  return (
    beforeValidator({ ...row, ...load }, held) ??
    beforeSink({ ...row, ...load }, { ...target, stage: target.loadsStage }, held)
  );
}

const isAhead = ({ offset }: FoundEvent, { next }: StageFacts) =>
  next === undefined || BigInt(offset) >= next;

function waiting(
  code: 'BEFORE_VALIDATOR' | 'BEFORE_SINK',
  { name, members, lag }: StageFacts,
  event: FoundEvent,
): Verdict {
  const state =
    members === 0
      ? `no ${name} runs`
      : `${members} of it ${members === 1 ? 'runs' : 'run'}, ${lag} ${lag === 1 ? 'event' : 'events'} behind in this partition`;
  return {
    code,
    sentence: `The newest change of the row (version ${event.version}, offset ${event.offset}, of ${event.changedAt}) waits for ${name}: ${state}.`,
    next:
      members === 0
        ? `Start ${name}, and see its log if it does not stay up.`
        : `Look again in a moment; if the lag stays, /health/ready of ${name} and tributary status name what it waits for.`,
  };
}

const paused = ({ reason, remedy }: NonNullable<TargetFacts['suspended']>): Verdict => ({
  code: 'PAUSED',
  sentence: reason,
  next: remedy,
});

/** Nothing is on its way, and the target differs. */
function differing(row: RowFacts, { target, finding, version, suspended }: TargetFacts): Verdict {
  const { table, ceiling } = row;
  const isKnown = [row, row.load].some((facts) => facts?.newestChange ?? facts?.newestValidated);
  if (version !== undefined && ceiling !== undefined && version > ceiling)
    return {
      code: 'TARGET_AHEAD',
      sentence: `${target} holds version ${version} of the row, and this pipeline has given none above ${ceiling}: another pipeline writes there, or the source was set back.`,
      next: 'See whose rows stand there with tributary targets status; if it is this pipeline that goes on, tributary targets adopt.',
    };
  if (suspended ?? row.paused) return paused((suspended ?? row.paused)!);
  if (row.logCut)
    return {
      code: 'IN_LOG',
      sentence: `The change log holds so many entries of ${table} that not all were looked through: the row's may be among them. ${row.relay}`,
      next: 'See which relay leads and what it waits for: tributary status',
    };
  if (version === undefined && !isKnown && finding!.kind === 'missing')
    return {
      code: 'NEVER_LOADED',
      sentence: `${target} lacks the row, and no event of it is on the topics as far as they were searched: it was there before capture and no snapshot has read it.`,
      next: `tributary snapshot start --table ${table}`,
    };
  return {
    code: 'FOREIGN_EDIT',
    sentence: `Nothing of the row is on its way, and ${target} ${differenceOf(finding!)}: somebody else wrote there.`,
    next: `tributary verify --table ${table} --target ${target} --repair writes it as the source has it.`,
  };
}

function differenceOf({ kind, columns, note, version }: Finding): string {
  const at = version === undefined ? '' : ` at version ${version}`;
  if (kind === 'missing') return note ?? 'lacks the row';
  if (kind === 'extra') return `holds the row${at}, which the source has not`;
  const names = columns.map(({ column }) => column).join(', ');
  return `holds the row${at} with another ${names === '' ? `state (${note ?? kind})` : names}`;
}
