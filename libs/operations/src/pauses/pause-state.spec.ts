import type { PauseNote } from '@tributary/topics';
import type { Servers } from '../servers';
import { pauseStates } from './pause-state';

const HOUR_MS = 3_600_000;
const WEEK_HOURS = 168;

const keeps = (hours: number) => new Map([['retention.ms', String(hours * HOUR_MS)]]);
const loadsHours = { value: WEEK_HOURS };
const servers = {
  config: { topics: { validated: 'p.validated', validatedLoads: 'p.validated-loads' } },
  kafka: {
    admin: () => ({
      settings: async () =>
        new Map([
          ['p.validated', keeps(WEEK_HOURS)],
          ['p.validated-loads', keeps(loadsHours.value)],
        ]),
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
  it('counts from the pause', async () => {
    expect(await hoursLeft(note({ at: ago(10) }))).toBeCloseTo(WEEK_HOURS - 10, 0);
  });

  it('counts from what the sink still lacks of an earlier pause', async () => {
    expect(await hoursLeft(note({ since: ago(100) }))).toBeCloseTo(WEEK_HOURS - 100, 0);
    expect(await hoursLeft(note({ since: ago(WEEK_HOURS + 1) }))).toBe(0);
  });

  it('is that of the topic of loads, where that is kept for a shorter time', async () => {
    loadsHours.value = 24;
    expect(await hoursLeft(note({ at: ago(10) }))).toBeCloseTo(14, 0);
  });
});
