import { leaseName } from '@tributary/capture';
import { waitFor } from '@tributary/testing';
import { Source } from './source';

describe('a relay that loses the lead', () => {
  let source: Source;
  beforeEach(async () => {
    source = await new Source().open();
    await source.lead();
    await source.untilIdle();
    source.kafka.pass();
  });
  afterEach(() => source.close());

  const published = () => source.kafka.events().map(({ id, op }) => `${op}${id}`);
  /** Of the term that leads: its change is held back, on its way to Kafka. */
  const held = async (id: number) => {
    const { reached, release } = source.kafka.hold((event) => event.id === id);
    await source.query(`INSERT INTO t VALUES (${id}, 'held')`);
    await reached;
    return release;
  };
  const leading = () => source.terms.at(-1)!;

  it('R12: deletes nothing once another one was given the lead, and ends its term', async () => {
    const term = leading();
    const release = await held(1);
    await source.query(`UPDATE ${source.captureSchema}.relay_state SET lease = lease + 1`);
    release();
    await expect(term.ended).rejects.toThrow('Another relay has taken over');
    expect([published(), (await source.pending()).entries]).toEqual([['c1'], 1]);
    await source.lead();
    await source.untilEqual();
    // Once more, and the same: readers tell repeats by their version (R4).
    expect(published()).toEqual(['c1', 'c1']);
    expect(new Set(source.kafka.events().map(({ version }) => version)).size).toBe(1);
  });

  it('R11: loses nothing when its session is killed while it publishes', async () => {
    const term = leading();
    const release = await held(1);
    const [found] = await source.query(
      `SELECT IS_USED_LOCK('${leaseName(source.captureSchema, 0)}') AS session`,
    );
    await source.query(`KILL ${String(found!['session'])}`);
    await source.query(`INSERT INTO t VALUES (2, 'behind')`);
    const next = source.lead();
    await waitFor(() => published().includes('c2'), { timeoutMs: 20_000 });
    // The old leader's request arrives after all, behind what the new one has published.
    release();
    await expect(term.ended).rejects.toThrow();
    await next;
    await source.query(`UPDATE t SET v = 'and on' WHERE id = 1`);
    await source.untilEqual();
    expect((await source.pending()).entries).toBe(0);
  });

  it('R3: leads alone: another one waits until its term has ended', async () => {
    const other = await source.reader('other');
    try {
      expect(await other.acquireLease(0)).toBe(false);
      await leading().stop();
      expect(await other.acquireLease(5)).toBe(true);
    } finally {
      await other.close();
    }
  });

  it('R12: leaves nothing in the log that it has published when it is asked to end', async () => {
    const release = await held(1);
    const stopped = leading().stop();
    release();
    await stopped;
    expect(published()).toEqual(['c1']);
    expect((await source.pending()).entries).toBe(0);
  });
});
