import { setTimeout as sleep } from 'node:timers/promises';
import { oneOf, waitFor } from '@tributary/testing';
import type { Flavour } from './support/flavours';
import { Pipeline } from './support/pipeline';
import { apps, type App } from './support/service-process';

jest.setTimeout(300_000);

const ROWS = 900;
const ALTERED = 6_000;

describe.each(oneOf<Flavour>('mysql', 'mariadb'))('rows gone from the source on %s', (mysql) => {
  const pipeline = new Pipeline({ mysql });
  const source = () => pipeline.admin;

  // MySQL does not tell how InnoDB spells letters beyond ASCII.
  const named = mysql === 'mariadb' ? 'größe, 日本' : 'odd name';
  const fill = async (table: string, rows: number) =>
    source().query(`INSERT INTO ${table} VALUES ?`, [Array.from({ length: rows }, (_, at) => [at, 1])]);
  /** A hole in capture: what happens meanwhile leaves no entry. */
  const unseen = async (table: string, ...statements: string[]) => {
    const [triggers] = await source().query(
      'SELECT trigger_name AS name FROM information_schema.triggers WHERE event_object_schema = ? AND event_object_table = ?',
      [pipeline.database, table],
    );
    for (const { name } of triggers as { name: string }[]) await source().query(`DROP TRIGGER \`${name}\``);
    for (const statement of statements) await source().query(statement);
  };
  const counts = async (table: string) => [
    await pipeline.collection(table).countDocuments(),
    await pipeline.redis.scard(`${pipeline.database}:${table}`),
  ];

  beforeAll(async () => {
    const ddl = [
      'CREATE TABLE holes (id INT PRIMARY KEY, v INT)',
      'CREATE TABLE truncated (id INT PRIMARY KEY, v INT)',
      'CREATE TABLE altered (id INT PRIMARY KEY, v INT, filler VARCHAR(300))',
      `CREATE TABLE \`${named}\` (id INT PRIMARY KEY, v INT)`,
    ];
    // Small chunks: a load has a middle.
    await pipeline.prepare(ddl, 'snapshot: { chunkMs: 10 }\n');
    await fill('holes', ROWS);
    await fill('truncated', 200);
    const wide = Array.from({ length: ALTERED }, (_, id) => [id, 1, 'x'.repeat(200)]);
    await source().query('INSERT INTO altered VALUES ?', [wide]);
    await fill(`\`${named}\``, 20);
    for (const app of apps) await pipeline.start(app);
    await pipeline.untilEqual(150_000);
  });
  afterAll(() => pipeline.stop());

  it('R8: TRUNCATE empties the targets by itself, and rows that come after it stay', async () => {
    await source().query('TRUNCATE truncated');
    await source().query(`TRUNCATE \`${named}\``);
    await source().query('INSERT INTO truncated VALUES (7, 2), (1000, 2)');
    await waitFor(async () => String(await counts('truncated')) === '2,2', {
      timeoutMs: 120_000,
      everyMs: 200,
    });
    await waitFor(async () => String(await counts(named)) === '0,0', { timeoutMs: 120_000, everyMs: 200 });
    // A table that has rows again when it is looked at counts as rebuilt.
    const told = ['table-truncated', 'table-rebuilt'].flatMap((event) =>
      pipeline.services.get('trigger-relay')!.events(event),
    );
    expect(new Set(told.map(({ table }) => table))).toEqual(
      new Set(['truncated', named].map((table) => `${pipeline.database}.${table}`)),
    );
  });

  it('R8: a TRUNCATE while no relay runs is found by the next one', async () => {
    await pipeline.services.get('trigger-relay')!.end('SIGTERM');
    await source().query('TRUNCATE truncated');
    await source().query('INSERT INTO truncated VALUES (8, 3)');
    await pipeline.start('trigger-relay');
    await waitFor(async () => String(await counts('truncated')) === '1,1', {
      timeoutMs: 120_000,
      everyMs: 200,
    });
  });

  it('R4, R5, R6: deletes missed in a hole leave the targets, under live writes and kill -9 of sinks and relay', async () => {
    await unseen('holes', 'DELETE FROM holes WHERE id % 3 = 0', 'UPDATE holes SET v = 5 WHERE id % 3 = 1');
    // The relay finds the triggers missing, makes them anew and queues a load; keys of swept rows come back meanwhile.
    let writing = true;
    const writer = (async () => {
      for (let turn = 0; writing; turn += 1) {
        await source().query('INSERT INTO holes VALUES (?, ?) ON DUPLICATE KEY UPDATE v = v + 1', [
          (turn * 3) % 300,
          turn,
        ]);
        if (turn % 2 === 0) await source().query('DELETE FROM holes WHERE id = ?', [(turn * 6) % 300]);
        await sleep(5);
      }
    })();
    try {
      for (const app of ['mongo-sink', 'redis-sink', 'trigger-relay'] as const) {
        await sleep(2_500);
        await pipeline.services.get(app)!.end('SIGKILL');
        await pipeline.start(app);
      }
    } finally {
      writing = false;
      await writer;
    }
    await pipeline.untilEqual(200_000);
    const [first, second] = await counts('holes');
    expect(first).toBe(second);
    expect(first).toBeLessThan(ROWS);
  });

  it('R5 R9: an ALTER in the middle of a load takes no living row from the targets', async () => {
    const altered = ['--table', `${pipeline.database}.altered`];
    const jobs = async () =>
      (
        await source().query(
          `SELECT id, state, rows_done AS done FROM \`${pipeline.captureSchema}\`.snapshot_job WHERE table_name = ?`,
          [`${pipeline.database}.altered`],
        )
      )[0] as { id: string; state: string; done: string }[];
    const newest = async () => (await jobs()).sort((a, b) => Number(b.id) - Number(a.id))[0]!;
    const readersWait = async () => {
      const [found] = await source().query(
        "SELECT 1 FROM information_schema.processlist WHERE state LIKE '%metadata lock%' AND info LIKE '%altered%'",
      );
      return (found as unknown[]).length > 0;
    };
    /** A table that nobody can read meanwhile holds a load in its middle, unless it has read all already. */
    const alterHeldLoad = async () => {
      const { id: before } = await newest();
      await pipeline.cli('snapshot', 'start', '--priority', '10', ...altered);
      await waitFor(
        async () => {
          const { id, done } = await newest();
          return id !== before && Number(done) > 0;
        },
        { timeoutMs: 60_000, everyMs: 5 },
      );
      const holder = await pipeline.anotherAdmin();
      try {
        await holder.query(`LOCK TABLES ${pipeline.database}.altered WRITE`);
        const { held } = await waitFor(
          async () => {
            const found = { held: await readersWait() };
            return (found.held || (await newest()).state === 'done') && found;
          },
          { timeoutMs: 60_000, everyMs: 20 },
        );
        if (held) await holder.query(`ALTER TABLE ${pipeline.database}.altered MODIFY v VARCHAR(20)`);
        return held;
      } finally {
        await holder.end();
      }
    };
    await waitFor(alterHeldLoad, { timeoutMs: 120_000, everyMs: 0 });
    const sweeps = (sink: App) =>
      pipeline.services
        .get(sink)!
        .events<{ load: string; removed: number }>('sweep')
        .filter(({ table }) => table === `${pipeline.database}.altered`);
    const sinks: App[] = ['mongo-sink', 'redis-sink'];
    await waitFor(
      async () => {
        const all = await jobs();
        const last = all.reduce((newest, { id }) => Math.max(newest, Number(id)), 0);
        return (
          all.every(({ state }) => state === 'done') &&
          sinks.every((sink) => sweeps(sink).some(({ load }) => load === String(last)))
        );
      },
      { timeoutMs: 120_000, everyMs: 250 },
    );
    // The chunks that did not fit were read again before anything was swept.
    for (const sink of sinks) expect(sweeps(sink).filter(({ removed }) => removed > 0)).toEqual([]);
    await pipeline.untilEqual();
    expect(pipeline.services.get('trigger-relay')!.events('snapshot-anew')).not.toEqual([]);
  });

  it('R5: a load of its own sweeps, and a metric counts what it removed', async () => {
    await unseen('truncated', 'DELETE FROM truncated');
    expect(
      (await pipeline.cli('snapshot', 'start', '--table', `${pipeline.database}.truncated`)).status,
    ).toBe(0);
    await waitFor(async () => String(await counts('truncated')) === '0,0', {
      timeoutMs: 120_000,
      everyMs: 200,
    });
    const { body } = await pipeline.services.get('redis-sink')!.get('/metrics');
    expect(body).toMatch(/tributary_events_total\{[^}]*outcome="swept"[^}]*\} [1-9]/);
  });
});
