import { inspect } from 'node:util';
import { mysqlError, openMysql, type Connection } from '@tributary/capture';
import { errorText } from '@tributary/kernel';
import { createLogger } from '@tributary/service';
import { connectMongo, connectRedis } from '@tributary/targets';
import { stackEnv, uniqueName } from '@tributary/testing';
import { DataSource } from 'typeorm';

const SECRET = "o'secret-4711@example.org";
const env = stackEnv();
const sources = [env.MYSQL_URL && env.ADMIN_MYSQL_URL, env.ADMIN_MARIADB_URL].filter(
  (url) => url !== undefined,
);

const caught = async (work: () => Promise<unknown>): Promise<unknown> => {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error('It was to fail.');
};

/** All that a logger of ours writes of an error, in every way that code could hand it over. */
function logged(error: unknown): string {
  let lines = '';
  const log = createLogger('test', 'trace', { write: (line) => void (lines += line) });
  const { message } = error as Error;
  log.error(error);
  log.error(error, message);
  log.warn({ error }, 'x');
  log.debug(
    { err: error, cause: new Error('outer', { cause: error }), all: [error], deep: { error } },
    message,
  );
  log.info(message);
  return lines;
}

function expectNoValue(error: unknown): void {
  expect(inspect(error, { depth: 9 })).toContain('secret-4711');
  expect(logged(error)).not.toContain('secret-4711');
  expect(errorText(error)).not.toContain('secret-4711');
  expect(logged(error)).toMatch(/"stack":"[^"]*\\n +at /);
}

describe.each(sources)('R14: no value of a row stands in a log, whatever a server said', (url) => {
  const database = uniqueName('log_values');
  let mysql: Connection;

  beforeAll(async () => {
    mysql = await openMysql(url);
    await mysql.query(`CREATE DATABASE ${database}`);
    await mysql.query(`CREATE TABLE ${database}.t (id INT PRIMARY KEY, mail VARCHAR(99) UNIQUE, n INT)`);
    await mysql.query(`INSERT INTO ${database}.t VALUES (1, ?, 1)`, [SECRET]);
  });

  afterAll(async () => {
    await mysql.query(`DROP DATABASE ${database}`);
    await mysql.end();
  });

  it.each([
    ['a duplicate', `INSERT INTO $t VALUES (2, ?, 1)`],
    ['a wrong number', `INSERT INTO $t VALUES (3, 'x', ?)`],
    ['a syntax error', `SELECT * FROM $t WHERE ? ? SECRET`],
    ['a number out of range', `SELECT CAST(1 AS UNSIGNED) - 2, ? FROM $t FOR UPDATE NOTHING`],
  ])('MySQL: %s, by the driver and by TypeORM', async (_, statement) => {
    const sql = statement.replace('$t', `${database}.t`);
    const strict = await openMysql(url);
    await strict.query("SET SESSION sql_mode = 'STRICT_ALL_TABLES'");
    const error = await caught(() => strict.query(sql, [SECRET, SECRET].slice(0, sql.split('?').length - 1)));
    await strict.end();
    expectNoValue(error);
    expect(mysqlError(error).message).not.toContain('secret-4711');
    expect(logged(mysqlError(error))).not.toContain('secret-4711');

    const { hostname, port, username, password } = new URL(url);
    const typeorm = await new DataSource({
      ...{ type: 'mysql', host: hostname, port: Number(port), username, password },
    }).initialize();
    const wrapped = await caught(() =>
      typeorm.query(
        sql.replace("'x'", '?'),
        sql.includes("'x'") ? ['x', SECRET] : [SECRET, SECRET].slice(0, sql.split('?').length - 1),
      ),
    );
    await typeorm.destroy();
    expectNoValue(wrapped);
  });
});

it('R14: MongoDB: a duplicate', async () => {
  const mongo = await connectMongo(env.MONGODB_URI);
  const rows = mongo.getClient().db(uniqueName('log_values')).collection<{ mail: string }>('t');
  await rows.createIndex({ mail: 1 }, { unique: true });
  await rows.insertOne({ mail: SECRET });
  const error = await caught(() => rows.insertOne({ mail: SECRET }));
  const inBulk = await caught(() => rows.bulkWrite([{ insertOne: { document: { mail: SECRET } } }]));
  await mongo.getClient().db(rows.dbName).dropDatabase();
  await mongo.close();
  expectNoValue(error);
  expectNoValue(inBulk);
});

it('R14: Redis: a refused command', async () => {
  const redis = await connectRedis(env.REDIS_URL, () => undefined);
  const key = uniqueName('log_values');
  await redis.set(key, 'x');
  const error = await caught(() => redis.hset(key, 'mail', SECRET));
  const unknown = await caught(() => redis.call('FROBNICATE', SECRET));
  await redis.del(key);
  redis.disconnect();
  expectNoValue(error);
  expectNoValue(unknown);
});
