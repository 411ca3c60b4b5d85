import type { PauseNote } from '@tributary/topics';
import type { Servers } from '../servers';
import { pauseStates } from './pause-state';

const HOUR_MS = 3_600_000;
const WEEK_HOURS = 168;

const keeps = (hours: number) => new Map([['retention.ms', String(hours * HOUR_MS)]]);
const kept = new Map<string, ReadonlyMap<string, string>>();
const servers = {
  config: { topics: { validated: 'p.validated', validatedLoads: 'p.validated-loads' } },
  kafka: {
    admin: () => ({
      topics: async () => new Set(kept.keys()),
      // As Kafka, which answers for none when it does not have one.
      settings: async (topics: readonly string[]) =>
        new Map(
          topics.map((topic) => {
            if (!kept.has(topic)) throw new Error(`no topic ${topic}`);
            return [topic, kept.get(topic)!];
          }),
        ),
    }),
  },
} as unknown as Servers;

const ago = (hours: number) => new Date(Date.now() - hours * HOUR_MS).toISOString();
const note = (more: Partial<PauseNote>): PauseNote => ({
  ...{ kind: 'paused', table: 'd.t', target: 'mongo', by: 'ada', reason: '', at: ago(0) },
  ...more,
});
const hoursLeft = async (of: PauseNote) => (await pauseStates({ servers }, [], [of]))[0]!.hoursLeft!;

describe('for how long Kafka keeps what a sink leaves out', () => {
  beforeEach(() => {
    for (const topic of ['p.validated', 'p.validated-loads']) kept.set(topic, keeps(WEEK_HOURS));
  });

  it('counts from the pause', async () => {
    expect(await hoursLeft(note({ at: ago(10) }))).toBeCloseTo(WEEK_HOURS - 10, 0);
  });

  it('counts from what the sink still lacks of an earlier pause', async () => {
    expect(await hoursLeft(note({ since: ago(100) }))).toBeCloseTo(WEEK_HOURS - 100, 0);
    expect(await hoursLeft(note({ since: ago(WEEK_HOURS + 1) }))).toBe(0);
  });

  it('is that of the topic of loads, where that is kept for a shorter time', async () => {
    kept.set('p.validated-loads', keeps(24));
    expect(await hoursLeft(note({ at: ago(10) }))).toBeCloseTo(14, 0);
  });

  it('is told of a pipeline of an older version, which has no topic of loads', async () => {
    kept.delete('p.validated-loads');
    expect(await hoursLeft(note({ at: ago(10) }))).toBeCloseTo(WEEK_HOURS - 10, 0);
  });
});
