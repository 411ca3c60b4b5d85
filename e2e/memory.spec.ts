import { waitFor } from '@tributary/testing';
import { peakMemoryMb } from '../tools/bench/usage';
import { Pipeline } from './support/pipeline';
import { apps } from './support/service-process';

jest.setTimeout(400_000);

/** MB (10^6 bytes). The numbers of large runs are in docs/benchmarks.md. */
const LIMIT = 300;
const ROWS = 100_000;
const LARGE_ROWS = 3;

const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('R13: no service ever holds 300 MB', () => {
  // The MongoDB stand-in takes too few rows a second for the backlog.
  const pipeline = new Pipeline({
    tables: '  - { table: $db.rows_, mongo: { enabled: false } }\n  - table: $db.large\n',
  });
  const peaks = () => apps.map((app) => [app, peakMemoryMb(pipeline.services.get(app)!.child.pid!)] as const);
  const tooMuch = () => peaks().filter(([, peak]) => !(peak < LIMIT));

  beforeAll(async () => {
    await pipeline.prepare([
      'CREATE TABLE rows_ (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(200) NOT NULL, at DATETIME(3) NOT NULL)',
      'CREATE TABLE large (id INT PRIMARY KEY, body LONGBLOB NOT NULL, words LONGTEXT)',
    ]);
    await pipeline.startAll();
    await pipeline.untilEqual();
    await Promise.all(apps.map((app) => pipeline.services.get(app)!.end('SIGTERM')));
  });
  afterAll(() => pipeline.stop());

  it(`on a backlog of ${ROWS} rows, half of them of one transaction`, async () => {
    const row = `REPEAT('abcdefgh', 20), NOW(3)`;
    await pipeline.admin.query(`INSERT INTO rows_ (name, at) VALUES (REPEAT('abcdefgh', 20), NOW(3))`);
    for (let rows = 1; rows < ROWS; rows *= 2)
      await pipeline.admin.query(
        `INSERT INTO rows_ (name, at) SELECT ${row} FROM rows_ LIMIT ${Math.min(rows, ROWS - rows)}`,
      );
    await pipeline.startAll();
    const held = async () => (await pipeline.redis.scard(`${pipeline.database}:rows_`)) === ROWS;
    await waitFor(held, { timeoutMs: 240_000, everyMs: 500 });
    expect(tooMuch()).toEqual([]);
  });

  it('on rows that nearly fill a MongoDB document', async () => {
    const mebibytes = (count: number) => count * 2 ** 20 - 4096;
    for (let id = 1; id <= LARGE_ROWS; id += 1)
      await pipeline.admin.query(
        id % 2
          ? `INSERT INTO large VALUES (${id}, REPEAT(CHAR(${id}), ${mebibytes(16)}), NULL)`
          : `INSERT INTO large VALUES (${id}, '', REPEAT('"→x', ${mebibytes(16)} DIV 5))`,
      );
    const large = pipeline.collection('large');
    await waitFor(async () => (await large.countDocuments()) === LARGE_ROWS, {
      timeoutMs: 120_000,
      everyMs: 500,
    });
    const held = async () => (await pipeline.redis.scard(`${pipeline.database}:large`)) === LARGE_ROWS;
    await waitFor(held, { timeoutMs: 120_000, everyMs: 500 });
    expect(tooMuch()).toEqual([]);
    await pipeline.untilEqual();
  });
});
