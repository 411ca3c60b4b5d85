import type { PauseNote } from '@tributary/topics';
import { waitFor } from '@tributary/testing';
import { epochOf } from './memory-kafka';
import { Source, type Term, usualFlavours } from './source';

jest.setTimeout(60_000);

describe.each(usualFlavours)('a paused table, on %s', (flavour) => {
  const source = new Source(flavour, ['t', 'u']);
  const { kafka } = source;
  const [t, u] = [source.table('t'), source.table('u')];
  const note: PauseNote = { kind: 'paused', table: t, by: 'me', reason: 'why', at: '2026-11-29T00:00:00Z' };
  let term: Term;

  const lead = async () => (term = await source.lead());
  const pause = async () => {
    const before = term.events('table-paused').length;
    await kafka.notes.put(kafka.publisher, note);
    await waitFor(() => term.events('table-paused').length > before, { everyMs: 10 });
  };
  const resume = () => kafka.notes.remove(kafka.publisher, note);
  const published = (table: string) => kafka.events(table).map(({ id, op }) => `${op}${id}`);
  const parked = async () => {
    const [found] = await source.query<{ entries: string; bytes: string }>(
      `SELECT entries, bytes FROM ${source.captureSchema}.parked_table WHERE table_name = '${t}'`,
    );
    const [{ rows } = { rows: 0 }] = await source.query<{ rows: number }>(
      `SELECT COUNT(*) AS \`rows\` FROM ${source.captureSchema}.parked_entry`,
    );
    expect(Number(found?.entries ?? 0)).toBe(Number(rows));
    return { entries: Number(rows), bytes: Number(found?.bytes ?? 0) };
  };
  const asideOf = async (table: string) => {
    const [found] = await source.query<{ entries: number }>(
      `SELECT COUNT(*) AS entries FROM ${source.captureSchema}.parked_entry WHERE table_name = '${table}'`,
    );
    return Number(found!.entries);
  };
  /** All that was asked of the source has reached its place: the topic, or aside. */
  const settled = (aside: number) =>
    waitFor(async () => {
      await source.untilIdle();
      return (await parked()).entries === aside;
    });
  const loads = async () => (await source.pending()).loads;

  beforeAll(async () => {
    await source.open();
    await lead();
    await source.untilIdle();
  });
  beforeEach(() => kafka.pass());
  afterAll(() => source.close());

  it('R15: nothing of it is published, the others go on, and the log holds neither', async () => {
    await pause();
    await source.query(`INSERT INTO t VALUES (1, 'a'), (2, 'b')`);
    await source.query(`UPDATE t SET v = 'c' WHERE id = 1`);
    await source.query(`INSERT INTO u VALUES (1, 'a')`);
    await settled(3);
    expect([published(t), published(u)]).toEqual([[], ['c1']]);
    expect((await parked()).bytes).toBeGreaterThan(0);
    expect(await term.counted('parked')).toBe(3);
  });

  it('R12: it stays so for the next leader', async () => {
    await term.stop();
    await lead();
    await source.query(`DELETE FROM t WHERE id = 2`);
    await source.query(`INSERT INTO u VALUES (2, 'a')`);
    await settled(4);
    expect([published(t), published(u)]).toEqual([[], ['c2']]);
  });

  it('R5: a load of it waits for the operator', async () => {
    await source.load();
    await source.load('u');
    await waitFor(async () => (await source.pending()).open === 1, { everyMs: 50 });
    const said = () =>
      source.query(
        `SELECT table_name AS name FROM ${source.captureSchema}.snapshot_job WHERE waits_for LIKE '%paused%'`,
      );
    // Of loads that were asked for since it was paused the runner tells every 10 s.
    await waitFor(async () => (await said()).length > 0, { timeoutMs: 20_000 });
    expect(await said()).toEqual([{ name: t }]);
    expect([published(t), published(u)]).toEqual([[], ['r1', 'r2']]);
  });

  it('R3: resumed, all that waited comes first and in order, each once, and then its load', async () => {
    await resume();
    await source.untilEqual();
    await settled(0);
    expect(published(t)).toEqual(['c1', 'c2', 'u1', 'd2', 'r1']);
    const versions = kafka.events(t).map(({ version }) => version);
    expect(versions.slice(0, 4)).toEqual([...versions.slice(0, 4)].sort());
    await source.query(`INSERT INTO t VALUES (3, 'a')`);
    await waitFor(() => published(t).includes('c3'));
    expect(await parked()).toEqual({ entries: 0, bytes: 0 });
    const waits = await source.query(
      `SELECT id FROM ${source.captureSchema}.snapshot_job WHERE waits_for IS NOT NULL`,
    );
    expect(waits).toEqual([]);
  });

  it('R3: what changes while it is resumed stays behind what waited', async () => {
    await pause();
    await source.query(`INSERT INTO t VALUES (9, '0')`);
    const backlog = 4_500; // more than two batches
    const rows = Array.from({ length: backlog }, (_, n) => `(${1_000 + n}, 'x')`).join();
    await source.query(`INSERT INTO t VALUES ${rows}`);
    await settled(backlog + 1);
    const before = await loads();
    kafka.pass();
    let n = 0;
    const change = async () => source.query(`UPDATE t SET v = '${(n += 1)}' WHERE id = 9`);
    await change();
    await resume();
    for (let round = 0; round < 60; round += 1) await change();
    await source.untilEqual();
    const mine = kafka.events(t).filter(({ id }) => id === 9);
    expect(mine.map(({ after }) => after?.['v'])).toEqual(
      Array.from({ length: n + 1 }, (_, at) => String(at)),
    );
    expect(new Set(kafka.events(t).map(({ id }) => id)).size).toBe(backlog + 1);
    expect(kafka.events(t)).toHaveLength(backlog + n + 1);
    expect(await loads()).toBe(before);
  });

  it('R2: what is set aside already, as after a log that was set back, is set aside again', async () => {
    await pause();
    await source.query(`INSERT INTO t VALUES (15, 'a')`);
    await settled(1);
    await term.stop();
    const { captureSchema: schema } = source;
    await source.query(
      `INSERT INTO ${schema}.change_log (id, shape_id, op, row_key, before_image, after_image, crc, at)
       SELECT id, shape_id, op, row_key, before_image, after_image, crc, at FROM ${schema}.parked_entry`,
    );
    await lead();
    await waitFor(async () => {
      await source.untilIdle();
      return (await asideOf(t)) === 1;
    });
    await term.stop();
    // Nor does it need the account of it.
    await source.query(`DELETE FROM ${schema}.parked_table`);
    await lead();
    kafka.pass();
    await resume();
    await source.untilEqual();
    await settled(0);
    expect(published(t)).toEqual(['c15']);
  });

  it('R12: a relay that takes the lead makes what a restored capture schema lacks', async () => {
    await term.stop();
    await source.query(
      `DROP TABLE ${source.captureSchema}.parked_table, ${source.captureSchema}.parked_entry`,
    );
    await lead();
    await source.query(`INSERT INTO t VALUES (16, 'a')`);
    await source.untilEqual();
    expect(await parked()).toEqual({ entries: 0, bytes: 0 });
  });

  it('R9: what another table logged in its name before it was swapped is read by key, by a later leader as well', async () => {
    await pause();
    await source.query(`CREATE TABLE t_next (id INT PRIMARY KEY, v LONGTEXT)`);
    await source.query(`INSERT INTO t_next SELECT * FROM t`);
    await source.query(`INSERT INTO t_next VALUES (18, 'next')`);
    await source.query(`RENAME TABLE t TO t_old, t_next TO t`);
    // Its triggers went with it, and log in its old name.
    await source.query(`INSERT INTO t_old VALUES (17, 'old'), (18, 'old')`);
    await waitFor(() => term.events('drift-mended').length > 0, { timeoutMs: 30_000 });
    await waitFor(async () => (await asideOf(t)) === 2);
    await source.query(`DROP TABLE t_old`);
    await term.stop();
    await lead();
    kafka.pass();
    await resume();
    await source.untilEqual();
    await settled(0);
    const seen = kafka.events(t).filter(({ id }) => id === 17 || id === 18);
    expect(seen.map(({ id, after }) => [id, after?.['v']])).not.toContainEqual([18, 'old']);
    expect(seen.map(({ id, after }) => [id, after?.['v']])).not.toContainEqual([17, 'old']);
  });

  it('R4: an answer of Kafka that is lost while it catches up raises no epoch', async () => {
    await pause();
    await source.query(`INSERT INTO t VALUES (21, 'a'), (22, 'b')`);
    await settled(2);
    const [epoch, before] = [epochOf(kafka.events().at(-1) ?? (await anyEvent())), await loads()];
    kafka.loseAnswer(({ id }) => id === 22, new Error('no answer'));
    await resume();
    await expect(term.ended).rejects.toThrow('no answer');
    await lead();
    await source.untilEqual();
    await settled(0);
    expect(published(t)).toEqual(['c21', 'c22', 'c21', 'c22']);
    expect([...new Set(kafka.events(t).map(epochOf))]).toEqual([epoch]);
    expect([await loads(), term.events('epoch-raised')]).toEqual([before, []]);
    // Its records are told of as acknowledged: another term finds them explained.
    await term.stop();
    await lead();
    expect(term.events('epoch-raised')).toEqual([]);
  });

  it('R4: what waited under an epoch that is over is not published, the load that came with the new one is', async () => {
    await pause();
    await source.query(`INSERT INTO t VALUES (31, 'old')`);
    await source.query(`UPDATE t SET v = 'new' WHERE id = 31`);
    await settled(2);
    const epoch = epochOf(await anyEvent());
    const at = new Date().toISOString();
    await kafka.notes.put(kafka.publisher, { kind: 'epoch-above', app: 'x', epoch, reason: 'a test', at });
    await expect(term.ended).rejects.toThrow();
    await lead();
    expect(term.events('epoch-raised')).toHaveLength(1);
    await source.query(`INSERT INTO t VALUES (32, 'now')`);
    await waitFor(async () => (await parked()).entries === 3);
    kafka.pass();
    await resume();
    await source.untilEqual();
    await settled(0);
    expect(published(t).filter((event) => /^[cu]3[12]$/.test(event))).toEqual(['c32']);
    expect(new Set(kafka.events(t).map(epochOf))).toEqual(new Set([epoch + 1]));
  });

  it('R15: of two that are resumed neither waits for the end of the other', async () => {
    const other = { ...note, table: u };
    await pause();
    await kafka.notes.put(kafka.publisher, other);
    await waitFor(() => term.events('table-paused').some(({ table }) => table === u), { everyMs: 10 });
    // More than a turn has, of each.
    const count = 2_200;
    const many = (from: number) => Array.from({ length: count }, (_, n) => `(${from + n}, 'x')`).join();
    await source.query(`INSERT INTO t VALUES ${many(20_000)}`);
    await source.query(`INSERT INTO u VALUES ${many(20_000)}`);
    await waitFor(async () => {
      await source.untilIdle();
      return (await asideOf(t)) === count && (await asideOf(u)) === count;
    });
    kafka.pass();
    await kafka.notes.remove(kafka.publisher, note);
    await kafka.notes.remove(kafka.publisher, other);
    await source.untilEqual();
    await settled(0);
    const tables = kafka.events().flatMap(({ id, table }) => (id >= 20_000 ? table : []));
    expect(tables.slice(0, count)).toContain(u);
    expect(tables.slice(0, count)).toContain(t);
  });

  const anyEvent = async () => {
    const count = kafka.events(u).length;
    const [{ next } = { next: 0 }] = await source.query<{ next: number }>(
      `SELECT MAX(id) + 1 AS next FROM u`,
    );
    await source.query(`INSERT INTO u VALUES (${next}, 'x')`);
    await waitFor(() => kafka.events(u).length > count);
    return kafka.events(u).at(-1)!;
  };
});
