import { Writable } from 'node:stream';
import type { NoteOf, PauseNote } from '@tributary/topics';
import { pino } from 'pino';
import { Metrics } from './metrics';
import { PausedTables } from './paused-tables';

const note = (table: string, target?: string): PauseNote => ({
  ...{ kind: 'paused', table, by: 'me', reason: 'why', at: '2026-11-29T00:00:00Z' },
  ...(target !== undefined && { target }),
});

function setUp(target?: string) {
  let notes: PauseNote[] = [];
  let away = false;
  let looks = 0;
  const events: string[] = [];
  const write = (line: Buffer, _: unknown, done: () => void) => {
    const { event, table } = JSON.parse(line.toString()) as { event?: string; table?: string };
    if (event) events.push(`${event} ${table}`);
    done();
  };
  const metrics = new Metrics('test', { hash: '', tableLabels: 'all' });
  const paused = new PausedTables({
    context: { log: pino({ level: 'info' }, new Writable({ write })), metrics },
    notes: {
      refresh: async () => {
        looks += 1;
        if (away) throw new Error('no broker');
      },
      of: (kind) => (kind === 'paused' ? (notes as NoteOf<typeof kind>[]) : []),
    },
    ...(target !== undefined && { target }),
    lookMs: 1,
  });
  const gauge = async () =>
    (await metrics.registry.getSingleMetric('tributary_paused')!.get()).values.map(({ labels }) => labels);
  const nextLook = async () => {
    const seen = looks + 1;
    while (looks <= seen) await new Promise((resolve) => setTimeout(resolve, 1));
  };
  return {
    ...{ paused, events, gauge, nextLook },
    say: (...said: PauseNote[]) => (notes = said),
    lose: () => (away = true),
  };
}

describe('paused tables', () => {
  it('are those of the relay, or of one target', async () => {
    for (const target of [undefined, 'mongo', 'redis']) {
      const { paused, say, gauge } = setUp(target);
      say(note('d.relay'), note('d.mongo', 'mongo'));
      paused.take();
      const expected = { relay: ['d.relay'], mongo: ['d.mongo'], redis: [] }[target ?? 'relay'];
      expect([...paused.tables]).toEqual(expected);
      expect([...paused.anywhere]).toEqual(target === undefined ? expected : [...expected!, 'd.relay']);
      expect(await gauge()).toEqual(expected!.map((table) => ({ table, target: target ?? '' })));
    }
  });

  it('follow the notes, and stay as they are while Kafka is away and after the end', async () => {
    const { paused, say, lose, events, nextLook } = setUp();
    const stop = new AbortController();
    const following = paused.follow(stop.signal);
    say(note('d.a'), note('d.b'));
    await nextLook();
    say(note('d.b'));
    await nextLook();
    expect([...paused.tables]).toEqual(['d.b']);
    expect(events).toEqual(['table-paused d.a', 'table-paused d.b', 'table-resumed d.a']);
    lose();
    say();
    await nextLook();
    expect(paused.isPaused('d.b')).toBe(true);
    stop.abort();
    await following;
    expect(paused.isPaused('d.b')).toBe(true);
    paused.clear();
    expect(paused.isPaused('d.b')).toBe(false);
  });
});
