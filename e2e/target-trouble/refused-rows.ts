import { waitFor } from '@tributary/testing';
import { ROWS, type TroublePipeline } from './trouble-pipeline';

/** Rows that a target refuses for good. */
export function refusedRows(trouble: () => TroublePipeline): void {
  describe('rows that a target refuses', () => {
    const invalid = [3400, 3900];
    const [taken, large, wrongKey, wrongTombstone] = [2001, 2002, 2003, 2004];
    const key = (id: number) => `${trouble().database}:things:${id}`;
    const refused = () => [
      ...[...invalid, taken, large].map((id) => `mongo-sink TARGET_REJECTED things ${id}`),
      ...[wrongKey, wrongTombstone].map((id) => `redis-sink TARGET_REJECTED things ${id}`),
      'redis-sink TARGET_REJECTED others 1',
    ];
    /** Each refused row once: of a row that is read again for its size, several changes may be refused. */
    const named = async () => {
      const names = (await trouble().deadLetters()).map(({ stage, code, key: text }) => {
        const { table, key: row } = JSON.parse(text!) as { table: string; key: { id: number } };
        return `${stage} ${code} ${table.split('.')[1]} ${row.id}`;
      });
      return [...new Set(names)].sort();
    };

    it('R11: exactly the bad rows end in dead letters, their neighbours are applied', async () => {
      const validator = { $jsonSchema: { properties: { n: { minimum: 0 } } } };
      const database = trouble().documents;
      await database.command({ collMod: 'things', validator });
      await trouble().collection('things').createIndex({ name: 1 }, { unique: true });
      await trouble().redis.rpush(key(wrongKey), 'a list');
      await trouble().redis.rpush(`tributary:tombstone:${key(wrongTombstone)}`, 'a list');
      await trouble().redis.set(`${trouble().database}:others`, 'no set');

      await trouble().admin.beginTransaction();
      await trouble().insertThings(3001);
      await trouble().admin.query('UPDATE things SET n = -1 WHERE id IN (?)', [invalid]);
      await trouble().admin.query('INSERT INTO things VALUES ?', [
        [
          [taken, 1, 'thing 7', null],
          [large, 1, 'large', null],
          [wrongKey, 1, 'wrong key', null],
          [wrongTombstone, 1, 'wrong tombstone', null],
        ],
      ]);
      await trouble().admin.query(`UPDATE things SET body = REPEAT('x', 17 << 20) WHERE id = ?`, [large]);
      await trouble().admin.query('INSERT INTO others VALUES (1, 1)');
      await trouble().admin.commit();

      // Looked at when there are more: each look takes the 17 MB of the large row up again.
      let seen = 0;
      const allThere = async () => {
        const letters = await trouble().deadLetterRecords();
        if (letters === seen) return false;
        seen = letters;
        return (await named()).length >= refused().length;
      };
      await waitFor(allThere, { timeoutMs: 120_000, everyMs: 500 });
      await trouble().untilInRedis(4000, { n: '999' });
      const bad = [...invalid, taken, large];
      const neighbours = () =>
        trouble()
          .collection('things')
          .countDocuments({ _id: { $nin: bad as never[] } });
      await waitFor(async () => (await neighbours()) === 2 * ROWS, { timeoutMs: 60_000 });
      expect(await named()).toEqual(refused().sort());
      const reasons = (await trouble().deadLetters()).map(({ reason }) => reason);
      for (const said of [/validator failed/, /unique index/, /larger than/, /another type of value/])
        expect(reasons).toContainEqual(expect.stringMatching(said));
      expect(await trouble().redis.exists(key(large), key(taken), key(invalid[0]!))).toBe(3);
      expect(await trouble().redis.scard(`${trouble().database}:things`)).toBe(2 * ROWS + 2);
    });

    it('R11: later good versions of the same keys apply', async () => {
      await trouble().redis.del(key(wrongKey));
      await trouble().setN(invalid[0]!, 5);
      await trouble().admin.query(`UPDATE things SET name = 'its own' WHERE id = ?`, [taken]);
      await trouble().admin.query(`UPDATE things SET body = 'small' WHERE id = ?`, [large]);
      await trouble().setN(wrongKey, 5);
      await trouble().untilInMongo(invalid[0]!, { n: 5 });
      await trouble().untilInMongo(taken, { name: 'its own' });
      await trouble().untilInMongo(large, { body: 'small' });
      await trouble().untilInRedis(wrongKey, { n: '5' });
    });

    it('R11: a replay applies what was refused when the cause is gone, and takes nothing back', async () => {
      await trouble().documents.command({ collMod: 'things', validator: {} });
      await trouble().redis.del(`tributary:tombstone:${key(wrongTombstone)}`, `${trouble().database}:others`);
      const open = (await trouble().deadLetters()).length;
      const { status, stdout, stderr } = await trouble().cli('dlq', 'replay', '--json');
      // On a busy machine it says what it waits for.
      expect(stderr).toMatch(/^(waiting for .*\n)*$/);
      expect(JSON.parse(stdout)).toMatchObject({ replayed: open, rejectedAgain: 0 });
      expect(status).toBe(0);
      await trouble().untilEqual();
      expect(
        await trouble()
          .collection('things')
          .findOne({ _id: large as never }),
      ).toMatchObject({
        body: 'small',
      });
      expect(await named()).toEqual([]);
    });
  });
}
