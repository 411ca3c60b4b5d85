import type { PauseNote } from '@tributary/topics';
import type { Servers } from '../servers';
import { pauseStates } from './pause-state';

const HOUR_MS = 3_600_000;
const WEEK_HOURS = 168;

const servers = {
  config: { topics: { validated: 'p.validated' } },
  kafka: {
    admin: () => ({
      settings: async () =>
        new Map([['p.validated', new Map([['retention.ms', String(WEEK_HOURS * HOUR_MS)]])]]),
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
});
