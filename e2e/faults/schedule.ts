import type { SeededRandom } from '@tributary/testing';

export const apps = ['trigger-relay', 'validator', 'mongo-sink', 'redis-sink'] as const;
export type App = (typeof apps)[number];
export const servers = ['mysql', 'kafka', 'mongodb', 'redis'] as const;
export type Server = (typeof servers)[number];

/** Who talks to whom: each has a proxy of its own. */
export const links = [
  'trigger-relay>mysql',
  'trigger-relay>kafka',
  'validator>kafka',
  'mongo-sink>kafka',
  'mongo-sink>mongodb',
  'redis-sink>kafka',
  'redis-sink>redis',
] as const;
export type Link = (typeof links)[number];

interface Lasting {
  /** Milliseconds after the start of the run. */
  readonly atMs: number;
  readonly forMs: number;
}
/** `which` of several copies, by its remainder. */
export type ServiceFault = Lasting & { readonly app: App; readonly which: number } & (
    | { readonly kind: 'kill' | 'freeze' | 'restart' }
    | { readonly kind: 'copy'; readonly end: 'kill' | 'stop' }
    | { readonly kind: 'clock'; readonly stepSeconds: number }
  );
export type LinkFault = Lasting & { readonly link: Link } & (
    | { readonly kind: 'cut' | 'refuse' }
    | { readonly kind: 'delay'; readonly delayMs: number }
    | { readonly kind: 'stall'; readonly then: 'flow' | 'cut' }
  );
export type ServerFault = Lasting & {
  readonly server: Server;
  readonly kind: 'server-kill' | 'server-freeze' | 'server-restart' | 'full-disk';
};
/** The source's data is set back to where it was `forMs` before, while writers go on. */
type SetBackFault = Lasting & { readonly server: 'mysql'; readonly kind: 'set-back' };
/** Topics change beneath the services. */
type TopicFault = Lasting & { readonly kind: 'raise-partitions' | 'topics-anew' };
type SourceFault = Lasting &
  ({ readonly kind: 'snapshot'; readonly table: string } | { readonly kind: 'kill-connections' });
export type Fault = ServiceFault | LinkFault | ServerFault | SetBackFault | TopicFault | SourceFault;

export interface ScheduleOptions {
  readonly random: SeededRandom;
  readonly durationMs: number;
  /** Those that are nobody else's: only these may be killed. */
  readonly ownServers: readonly Server[];
  /** Whether their disks can be filled. */
  readonly fullDisks: boolean;
  /** Whether what a backup or an operator does comes too: data set back, topics changed. */
  readonly deep?: boolean;
  readonly tables: readonly string[];
  /** Bounds of the pause between the beginnings of two faults, milliseconds. */
  readonly pauseMs: readonly [number, number];
}

/** Pause after a full deck: what lasts only under constant trouble must not hide behind it. */
const CALM_MS = 8_000;

/**
 * The faults of a run, in order; they overlap, but never on the same target. Dealt like cards from a shuffled deck,
 * so that every kind of fault on every target comes once before any comes again.
 */
export function planFaults(options: ScheduleOptions): Fault[] {
  const { random, durationMs, pauseMs } = options;
  const faults: Fault[] = [];
  const freeAt = new Map<string, number>();
  let at = 1_000;
  while (at < durationMs) {
    for (const deal of random.shuffled(deck(options))) {
      at += random.integer(...pauseMs);
      const { forMs, ...fault } = deal();
      const target = targetOf(fault);
      const atMs = Math.max(at, freeAt.get(target) ?? 0);
      if (atMs + forMs > durationMs) continue;
      freeAt.set(target, atMs + forMs + 1_000);
      faults.push({ ...fault, atMs, forMs } as Fault);
    }
    at += CALM_MS;
  }
  return faults.sort((a, b) => a.atMs - b.atMs);
}

type Undated = Fault extends infer F ? (F extends Fault ? Omit<F, 'atMs'> : never) : never;

function deck({ random, ownServers, fullDisks, deep, tables }: ScheduleOptions): (() => Undated)[] {
  const span = (least: number, most: number) => random.integer(least, most);
  const which = () => span(0, 5);
  const cards: (() => Undated)[] = apps.flatMap((app) => [
    () => ({ kind: 'kill', app, which: which(), forMs: span(0, 5_000) }),
    // Some last longer than a group's session of 10 s or the relay's lease of 15 s, and wake up as zombies.
    () => ({ kind: 'freeze', app, which: which(), forMs: span(300, random.chance(0.4) ? 22_000 : 4_000) }),
    () => ({
      kind: 'copy',
      app,
      which: 0,
      end: random.pick(['kill', 'stop'] as const),
      forMs: span(2_000, 15_000),
    }),
    () => ({
      kind: 'clock',
      app,
      which: which(),
      stepSeconds: clockStep(random),
      forMs: span(3_000, 25_000),
    }),
  ]);
  cards.push(() => ({ kind: 'restart', app: random.pick(apps), which: which(), forMs: span(0, 2_000) }));
  for (const link of links) cards.push(() => linkFault(random, link));
  cards.push(() => ({ kind: 'snapshot', table: random.pick(tables), forMs: 0 }));
  if (deep) {
    cards.push(() => ({ kind: 'raise-partitions', forMs: 0 }));
    cards.push(() => ({ kind: 'topics-anew', forMs: span(2_000, 6_000) }));
    cards.push(() => ({ kind: 'set-back', server: 'mysql', forMs: span(3_000, 12_000) }));
  }
  if (ownServers.length === 0) return cards;
  cards.push(() => ({ kind: 'kill-connections', forMs: 0 }));
  for (const server of ownServers) {
    cards.push(() => ({ kind: 'server-kill', server, forMs: span(0, 8_000) }));
    cards.push(() => ({ kind: 'server-freeze', server, forMs: span(500, 9_000) }));
    if (fullDisks) cards.push(() => ({ kind: 'full-disk', server, forMs: span(3_000, 15_000) }));
  }
  cards.push(() => ({ kind: 'server-restart', server: random.pick(ownServers), forMs: span(0, 3_000) }));
  return cards;
}

/** Forward or back: less than a session, less and more than what Kafka forgives, longer than any retention. */
const clockStep = (random: SeededRandom) =>
  random.pick([-1, 1]) * random.pick([5, 90, 7_200, 10 * 86_400, 400 * 86_400]);

function linkFault(random: SeededRandom, link: Link): Undated {
  const kind = random.pick(['cut', 'refuse', 'delay', 'stall'] as const);
  switch (kind) {
    case 'cut':
      return { kind, link, forMs: 0 };
    case 'refuse':
      return { kind, link, forMs: random.integer(500, 8_000) };
    case 'delay':
      return { kind, link, delayMs: random.integer(20, 400), forMs: random.integer(2_000, 8_000) };
    case 'stall':
      return {
        kind,
        link,
        then: random.pick(['flow', 'cut'] as const),
        forMs: random.integer(1_000, 15_000),
      };
  }
}

function targetOf(fault: object): string {
  if ('link' in fault) return String(fault.link);
  // One server at a time: the stack changes one at a time anyway.
  if ('server' in fault) return 'servers';
  const { kind, app } = fault as { kind: string; app?: string };
  return kind === 'copy' || kind === 'clock' ? `${kind} of ${app}` : (app ?? kind);
}

/** One line that a person reads. */
export function describeFault(fault: Fault): string {
  const { atMs, forMs, kind, ...rest } = fault;
  const lasting = forMs > 0 ? ` for ${(forMs / 1000).toFixed(1)} s` : '';
  return `${(atMs / 1000).toFixed(1).padStart(6)} s  ${kind}${lasting}: ${Object.values(rest).join(', ') || 'all of the relay account'}`;
}
