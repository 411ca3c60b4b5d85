import {
  decideIdentity,
  readStoredLog,
  storeAnnounced,
  storeIdentity,
  type LogIdentity,
  type LogReader,
} from '@tributary/capture';
import { MAX_EPOCH } from '@tributary/contract';
import type { IdentityNote } from '@tributary/topics';
import type { RecordSender } from '@tributary/transport';
import { believableEpoch } from './believable-epoch';
import { refuseBesideAnother } from './foreign-leader';
import type { BrokerView, RelayContext, SharedNotes } from './ports';
import { followTrail } from './published-trail';
import type { TopicPositions } from './topic-positions';

/** Shows whose versions the leading relay gives. */
interface IdentityView {
  /** `raised`: when the epoch last rose because versions could not be compared, and why. */
  set(identity: LogIdentity, raised: { readonly atMs: number; readonly reason: string } | null): void;
  /** The term has ended. */
  clear(): void;
}

export interface IdentityDeps {
  readonly context: RelayContext;
  readonly broker: BrokerView;
  readonly publisher: RecordSender;
  readonly notes: SharedNotes;
  readonly reader: Pick<LogReader, 'whileLeading'>;
  readonly positions: TopicPositions;
  readonly report: IdentityView;
}

/**
 * Whose versions this term gives, and under which epoch: source, Kafka and the demands of targets are compared, a
 * mismatch raises the epoch and queues the load of every table, and Kafka is told before the first event (R4).
 */
export async function termIdentity(
  deps: IdentityDeps,
  tables: readonly string[],
  signal: AbortSignal,
): Promise<LogIdentity> {
  const { context, broker, notes, reader, positions, report } = deps;
  const { log } = context;
  await notes.refresh();
  const stored = await reader.whileLeading(readStoredLog);
  const note = believedNote(deps, stored.epoch);
  if (note && note.incarnation !== stored.incarnation && note.incarnation !== stored.announced)
    await refuseBesideAnother(context, broker, note, signal);
  const { topics } = context.env.config;
  const trail = await followTrail({ broker, topics, reader, log }, stored, note?.epoch ?? 0);
  const identity = decideIdentity(stored, {
    note,
    ...trail,
    demand: highestDemand(deps, Math.max(stored.epoch, note?.epoch ?? 0)),
  });
  const { ends } = trail;
  const settlement = { identity, announced: note?.incarnation ?? null, ends, tables };
  await reader.whileLeading((...lead) => storeIdentity(...lead, settlement));
  positions.begin(ends);
  const { raised, epoch } = identity;
  if (raised !== null)
    log.error(
      { event: 'epoch-raised', epoch, from: stored.epoch, tables: tables.length },
      `the epoch rises to ${epoch}, and every table is loaded again: ${raised}`,
    );
  report.set(identity, raised === null ? stored.raised : { atMs: Date.now(), reason: raised });
  await announce(deps, identity, note);
  return identity;
}

/** Resolves when Kafka holds the identity, and the source knows that. */
async function announce(
  { context, notes, publisher, reader }: IdentityDeps,
  { pipeline, incarnation, epoch }: LogIdentity,
  note: IdentityNote | null,
): Promise<void> {
  const name = context.env.config.prefix;
  const same =
    note?.pipeline === pipeline &&
    note.incarnation === incarnation &&
    note.epoch === epoch &&
    note.name === name;
  if (!same) {
    const at = new Date().toISOString();
    await notes.put(publisher, { kind: 'identity', pipeline, incarnation, epoch, name, at });
  }
  await reader.whileLeading((...lead) => storeAnnounced(...lead, incarnation));
}

const TOKEN = /^[0-9a-f]{32}$/;

/** A note that no relay can have written must not use up the epochs. */
function believedNote({ context, notes }: IdentityDeps, known: number): IdentityNote | null {
  const note = notes.identity;
  if (!note) return null;
  const { pipeline, incarnation, epoch } = note;
  if (TOKEN.test(pipeline) && TOKEN.test(incarnation) && epoch >= 1 && believableEpoch(epoch, known))
    return note;
  context.log.error(
    { event: 'odd-identity' },
    `The identity note on ${context.env.config.topics.notes} is no relay's: it is written anew`,
  );
  return null;
}

/** The highest epoch that a target asks to stand above. */
function highestDemand(
  { notes }: Pick<IdentityDeps, 'notes'>,
  known: number,
): { epoch: number; reason: string } | null {
  const demands = notes.of('epoch-above').filter(({ epoch }) => canObey(epoch, known));
  const highest = demands.reduce<(typeof demands)[number] | null>(
    (max, demand) => (max === null || demand.epoch > max.epoch ? demand : max),
    null,
  );
  return highest && { epoch: highest.epoch, reason: `${highest.app} asks for it: ${highest.reason}` };
}

/** Above the last epoch there is none. */
export const canObey = (epoch: number, known: number) => epoch < MAX_EPOCH && believableEpoch(epoch, known);
