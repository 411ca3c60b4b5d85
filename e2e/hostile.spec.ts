import { quoteIdentifier } from '@tributary/capture';
import { oneOf, waitFor } from '@tributary/testing';
import { hostileTexts, tables, valuesOf } from './hostile/payloads';
import { itLong, type Flavour } from './support/flavours';
import { Pipeline } from './support/pipeline';

jest.setTimeout(300_000);

/** Whoever may name tables and fill rows must not get anything else done by that. */
describe.each(oneOf<Flavour>('mariadb', 'mysql'))('hostile names and values on %s', (mysql) => {
  const pipeline = new Pipeline({ mysql, databaseSuffix: `';DROP(victims)#%{}&=` });
  const { database } = pipeline;
  const sentinel = `sentinel:${pipeline.prefix}`;
  const insert = (table: string, from: number, to: number) =>
    pipeline.admin.query(`INSERT INTO ${quoteIdentifier(table)} VALUES ?`, [
      valuesOf(table, hostileTexts.slice(from, to)),
    ]);

  beforeAll(async () => {
    await pipeline.prepare([
      'CREATE TABLE victims (id INT PRIMARY KEY, note VARCHAR(20))',
      ...tables.map(({ ddl }) => ddl),
    ]);
    await pipeline.admin.query(`INSERT INTO victims VALUES (1, 'a'), (2, 'b'), (3, 'c')`);
    await pipeline.redis.set(sentinel, 'still here');
    for (const { name } of tables) await insert(name, 0, hostileTexts.length / 2);
    await pipeline.startAll();
  });
  afterAll(async () => {
    await pipeline.redis.del(sentinel);
    await pipeline.stop();
  });

  /** Nothing but what was asked for has happened. */
  async function expectHarmless(rows: number): Promise<void> {
    await pipeline.untilEqual();
    for (const name of ['victims', ...tables.map((table) => table.name)]) {
      const wanted = name === 'victims' ? 3 : rows;
      const [found] = await pipeline.admin.query(`SELECT id FROM ${quoteIdentifier(name)}`);
      const held = (found as unknown[]).length;
      const documents = await pipeline.mongo.getClient().db(database).collection(name).countDocuments();
      const indexed = await pipeline.redis.scard(`${database}:${name}`);
      expect([name, held, documents, indexed]).toEqual([name, wanted, wanted, wanted]);
    }
    expect(await pipeline.redis.get(sentinel)).toBe('still here');
    expect([...pipeline.services.values()].filter(({ exited }) => exited)).toEqual([]);
    expect((await pipeline.json('dlq', 'list')).result).toMatchObject({ letters: [] });
  }

  it('a load brings them as they are', () => expectHarmless(hostileTexts.length / 2));

  it('so do live changes of every kind', async () => {
    const { admin } = pipeline;
    for (const { name } of tables) {
      await insert(name, hostileTexts.length / 2, hostileTexts.length);
      await admin.query(`UPDATE ${quoteIdentifier(name)} SET body = CONCAT(body, ?)`, [hostileTexts[0]]);
      await admin.query(`UPDATE ${quoteIdentifier(name)} SET id = CONCAT(id, ?) LIMIT 3`, [`'"\`;$`]);
      await admin.query(`DELETE FROM ${quoteIdentifier(name)} LIMIT 1`);
    }
    await expectHarmless(hostileTexts.length - 1);
  });

  itLong('verify finds what was tampered with, repair and reload mend it', async () => {
    for (const { name } of tables) {
      const collection = pipeline.mongo.getClient().db(database).collection(name);
      await collection.updateMany({}, { $set: { body: 'tampered' } });
      const [key] = await pipeline.redis.smembers(`${database}:${name}`);
      await pipeline.redis.del(`${database}:${name}:${key}`);
    }
    expect((await pipeline.cli('verify', '--json')).status).toBe(2);
    const { status, stdout, stderr } = await pipeline.cli('verify', '--repair', '--json');
    expect([status, status === 0 ? '' : stdout + stderr]).toEqual([0, '']);
    expect(stdout + stderr).not.toMatch(/[\r\u001b\u202e]/);
    for (const { name } of tables) {
      const load = await pipeline.cli('snapshot', 'start', '--table', `${database}.${name}`);
      expect([name, load.status, load.status === 0 ? '' : load.stderr]).toEqual([name, 0, '']);
    }
    await expectHarmless(hostileTexts.length - 1);
  });

  it('R11: a table that MongoDB takes no collection for holds up nobody, and says why', async () => {
    await pipeline.admin.query('CREATE TABLE `a$b` (id INT PRIMARY KEY)');
    await pipeline.admin.query('INSERT INTO `a$b` VALUES (1), (2)');
    await waitFor(async () => (await pipeline.redis.scard(`${database}:a$b`)) === 2, { timeoutMs: 60_000 });
    await pipeline.admin.query(`UPDATE victims SET note = 'later'`);
    const seen = () =>
      pipeline
        .collection('victims')
        .countDocuments({ note: 'later' })
        .then((count) => count === 3);
    await waitFor(seen, { timeoutMs: 60_000 });
    const letters = await waitFor(
      async () => {
        const open = await pipeline.deadLetters();
        return open.length >= 2 && open;
      },
      { timeoutMs: 60_000 },
    );
    for (const letter of letters)
      expect(letter).toMatchObject({
        stage: 'mongo-sink',
        code: 'TARGET_REJECTED',
        reason: expect.stringContaining('mongo.collection') as string,
      });
  });
});
