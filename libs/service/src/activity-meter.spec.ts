import { ActivityMeter } from './activity-meter';

describe('ActivityMeter', () => {
  const newestOf = (...notes: { version: string; tsMs: number }[]) => {
    const meter = new ActivityMeter();
    for (const newest of notes) meter.note('a.b', 1, newest);
    return meter.tables()['a.b']!.lastTsMs;
  };

  it('an older version makes the newest change no older', () => {
    expect(newestOf({ version: '2', tsMs: 20 }, { version: '1', tsMs: 10 })).toBe(20);
  });

  it('without versions the newest change is the one that was noted last', () => {
    expect(newestOf({ version: '', tsMs: 10 }, { version: '', tsMs: 20 })).toBe(20);
  });
});
