import { waitFor } from '@tributary/testing';
import type { PublishedEvent } from './memory-kafka';
import { Source, usualFlavours } from './source';

const ROWS = 20;

describe.each(usualFlavours)('rows of a load among changes, on %s', (flavour) => {
  const source = new Source(flavour);
  const { kafka } = source;
  afterAll(() => source.close());

  const loaded = () => kafka.events().filter(({ op }) => op === 'r');
  const placeOf = (when: (event: PublishedEvent) => boolean) => kafka.events().findIndex(when);
  const untilLoaded = () => waitFor(() => kafka.kinds().includes('sweep'), { timeoutMs: 20_000 });

  /** The loop stands while row 7 changes, a load reads all rows, and row 5 changes, in this order. */
  beforeAll(async () => {
    await source.open();
    await source.query(
      `INSERT INTO t VALUES ${Array.from({ length: ROWS }, (_, id) => `(${id}, 'first')`).join()}`,
    );
    await source.lead();
    await source.untilIdle();
    kafka.pass();
    const { reached, release } = kafka.hold(({ id }) => id === 0);
    await source.query(`UPDATE t SET v = 'held' WHERE id = 0`);
    await reached;
    await source.query(`UPDATE t SET v = 'shown' WHERE id = 7`);
    await source.load();
    await waitFor(async () => /publish its rows/.test(String(await source.loadWaitsFor())), {
      timeoutMs: 40_000,
    });
    await source.query(`UPDATE t SET v = 'newer' WHERE id = 5`);
    release();
    await untilLoaded();
    await source.untilIdle();
  }, 240_000);

  it('R5: a row that changed while its chunk was on its way is left out of it', () => {
    const last = kafka.events().filter(({ id }) => id === 5);
    expect(last.map(({ op, after }) => [op, after!['v']])).toEqual([['u', 'newer']]);
    expect(loaded().length).toBeGreaterThan(ROWS - 4);
  });

  it('R5: a change that a chunk shows is on the topic before the first row of it', () => {
    const change = placeOf(({ op, id }) => op === 'u' && id === 7);
    expect(change).toBeGreaterThanOrEqual(0);
    expect(placeOf(({ op }) => op === 'r')).toBeGreaterThan(change);
  });

  it('R5: rows of a load have a version below every change that they do not show', () => {
    const newer = kafka.events().find(({ op, id }) => op === 'u' && id === 5)!;
    for (const { version } of loaded()) expect(version < newer.version).toBe(true);
  });

  it('R5: the records around a load stand before its first row and behind its last', async () => {
    kafka.pass();
    await source.load();
    await untilLoaded();
    expect(kafka.kinds()).toEqual(['load', ...Array.from({ length: ROWS }, () => 'r'), 'sweep']);
    expect(kafka.held()).toEqual(await source.rows());
  });
});
