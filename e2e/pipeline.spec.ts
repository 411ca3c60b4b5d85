import { oneOf, waitFor } from '@tributary/testing';
import type { Flavour } from './support/flavours';
import { Pipeline } from './support/pipeline';
import { apps } from './support/service-process';

jest.setTimeout(240_000);

const ddl = [
  `CREATE TABLE items (id BIGINT UNSIGNED PRIMARY KEY, name VARCHAR(80) NOT NULL, note TEXT, price DECIMAL(65,30),
     delay TIME(6), flags BIT(64), extra JSON, at TIMESTAMP(3) NULL, raw VARBINARY(40))`,
  `CREATE TABLE pairs (a INT NOT NULL, b VARCHAR(40) NOT NULL, v INT, PRIMARY KEY (a, b))`,
];

describe.each(oneOf<Flavour>('mariadb', 'mysql'))('the whole pipeline on %s', (mysql) => {
  const pipeline = new Pipeline({ mysql });

  beforeAll(async () => {
    await pipeline.prepare(ddl);
    const rows = Array.from({ length: 3_000 }, (_, at) => [
      at + 1,
      `name ${at}`,
      at % 3 ? `note 😀 ${at}` : null,
    ]);
    await pipeline.admin.query('INSERT INTO items (id, name, note) VALUES ?', [rows]);
    await pipeline.startAll();
  });
  afterAll(() => pipeline.stop());

  it('loads all rows that were there before it started', async () => {
    await pipeline.untilEqual();
    expect(await pipeline.collection('items').countDocuments()).toBe(3_000);
    expect(await pipeline.redis.scard(`${pipeline.database}:items`)).toBe(3_000);
  });

  it('R9: extreme values arrive exactly', async () => {
    const { admin, database } = pipeline;
    await admin.query(
      `INSERT INTO items VALUES (18446744073709551615, '😀 emoji', 'ünï', 12345678901234567890123456789012345.678901234567890123456789012345,
         '-838:59:59.000000', b'1111111111111111111111111111111111111111111111111111111111111111',
         '{"big": 9007199254740993, "n": [1.10, null]}', '2026-11-23 10:00:00.123', x'00ff80')`,
    );
    const document = await waitFor(
      () =>
        pipeline
          .collection('items')
          .findOne({ name: '😀 emoji' }, { promoteValues: false, promoteLongs: false }),
      {
        timeoutMs: 20_000,
      },
    );
    expect(document['_id']?.toString()).toBe('18446744073709551615');
    expect(document['price']).toBe('12345678901234567890123456789012345.678901234567890123456789012345');
    expect(document['delay']).toBe('-838:59:59.000000');
    expect(Buffer.from(document['flags'].buffer).toString('hex')).toBe('ffffffffffffffff');
    expect(document['extra'].big.toString()).toBe('9007199254740993');
    const key = `${database}:items:18446744073709551615`;
    const hash = await waitFor(async () => {
      const found = await pipeline.redis.hgetallBuffer(key);
      return Object.keys(found).length > 0 && found;
    });
    expect(hash['flags']?.toString()).toBe('18446744073709551615');
    expect(hash['raw']?.toString('hex')).toBe('00ff80');
    expect(
      JSON.parse(hash['extra']!.toString().replace('9007199254740993', '"9007199254740993"')),
    ).toMatchObject({
      big: '9007199254740993',
    });
  });

  it('R7: a key change removes the old row and writes the new one', async () => {
    const { admin } = pipeline;
    await admin.query(`INSERT INTO pairs VALUES (1, 'x:y', 1), (2, 'z', 2)`);
    await admin.query(`UPDATE pairs SET a = 3 WHERE b = 'z'`);
    await admin.query(`DELETE FROM pairs WHERE a = 1`);
    await pipeline.untilEqual();
    const ids = (await pipeline.collection('pairs').find().toArray()).map(({ _id }) => String(_id));
    expect(ids).toEqual(['3:z']);
    expect(await pipeline.redis.smembers(`${pipeline.database}:pairs`)).toEqual(['3:z']);
  });

  it('R11: kill -9 of each service in the middle of live changes loses nothing', async () => {
    const { admin } = pipeline;
    for (const app of apps) {
      for (let at = 0; at < 100; at += 1) {
        await admin.query('INSERT INTO pairs VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE v = v + 1', [
          at % 40,
          app,
          at,
        ]);
        if (at % 3 === 0) await admin.query('DELETE FROM pairs WHERE a = ? AND b = ?', [(at * 7) % 40, app]);
        if (at === 50) await pipeline.services.get(app)!.end('SIGKILL');
      }
      await (await pipeline.start(app)).untilReady();
    }
    await pipeline.untilEqual();
  });

  it('every service drains on SIGTERM and exits 0', async () => {
    const codes = await Promise.all([...pipeline.services.values()].map((service) => service.end('SIGTERM')));
    expect(codes).toEqual([0, 0, 0, 0]);
  });
});
