import type { DeadLetter } from '@tributary/operations';
import { oneOf, sparkRemote, stackEnv, waitFor } from '@tributary/testing';
import { beyondKafka, beyondMongo, quoted, sizedDdl, type MatrixTable } from '@tributary/type-matrix';
import { Topics, type TopicRecord } from './faults/topics';
import { itLong, type Flavour } from './support/flavours';
import { Pipeline } from './support/pipeline';
import { MatrixSource } from './type-matrix/matrix-source';
import {
  differencesOf,
  heldInMongo,
  heldInRedis,
  redisKey,
  wantedInMongo,
  wantedInRedis,
} from './type-matrix/target-state';

jest.setTimeout(400_000);

/** What a record says of the row, and nothing of when it was said. */
function said({ partition, key, value, headers }: TopicRecord) {
  const after = value!.indexOf(',"after":');
  const image = value!.slice(after, value!.indexOf(',"source":', after));
  return JSON.stringify([partition, key, image, headers['schema'], headers['crc']]);
}

/** What the servers tell of their types is compared with the vectors, for both with each commit; behind that nothing knows which it was. */
describe.each(oneOf<Flavour>('mysql', 'mariadb'))('R9: the type matrix on %s', (server) => {
  const pipeline = new Pipeline({ mysql: server });
  const { database, redis } = pipeline;
  const source = new MatrixSource(pipeline, server);
  const { tables, writers } = source;
  const wanted = tables.map((table) => ({
    table,
    mongo: wantedInMongo(table),
    redis: wantedInRedis(table),
  }));

  beforeAll(async () => {
    // A validator that refused any document of the matrix would leave dead letters and differences.
    await pipeline.prepare([...source.ddl, sizedDdl('huge')], 'defaults: { mongo: { validator: error } }\n');
    await source.fill();
    await pipeline.startAll();
  });
  afterAll(() => source.stop());

  // The driver's own: Mongoose keeps collections by name in a plain object, where `constructor` is something else.
  const collection = (name: string) => pipeline.mongo.getClient().db(database).collection(name);

  const held = async () => ({
    mongo: await Promise.all(tables.map(({ name }) => heldInMongo(collection(name)))),
    redis: await Promise.all(tables.map((table) => heldInRedis(redis, database, table))),
  });

  /** Waits until both targets hold as many rows as the source, then compares byte for byte. */
  async function expectExact(): Promise<void> {
    await untilRows((table) => table.rows.length).catch(() => undefined);
    const now = await held();
    const differences = wanted.flatMap(({ table, mongo, redis: hashes }, at) => [
      ...differencesOf(`${table.name} in MongoDB`, mongo, now.mongo[at]!),
      ...differencesOf(`${table.name} in Redis`, hashes, now.redis[at]!),
    ]);
    expect(differences).toEqual([]);
  }

  async function untilRows(count: (table: MatrixTable) => number): Promise<void> {
    const arrived = async (table: MatrixTable) =>
      (await redis.scard(`${database}:${table.name}`)) === count(table) &&
      (await collection(table.name).countDocuments()) === count(table);
    // A table that has them is not counted again.
    const waiting = [...tables];
    await waitFor(
      async () => {
        while (waiting.length > 0 && (await arrived(waiting[0]!))) waiting.shift();
        return waiting.length === 0;
      },
      { timeoutMs: 60_000, everyMs: 250 },
    );
  }

  const deleteAll = async () => {
    for (const { name } of tables) await pipeline.admin.query(`DELETE FROM ${quoted(name)}`);
    await untilRows(() => 0);
  };

  it('snapshot', expectExact);

  it('one codec: records by Spark are the relay’s, byte for byte', async () => {
    pipeline.setEnv({ SPARK_REMOTE: await sparkRemote() });
    const { code, result } = await pipeline.json<{ rows: number }[]>(
      ...['snapshot', 'start', '--engine', 'spark'],
    );
    expect(code).toBe(0);
    const topics = new Topics(stackEnv().KAFKA_BROKERS, pipeline.prefix);
    const rows = ({ headers, value }: TopicRecord) => value !== null && headers['control'] === undefined;
    const [relay, spark] = [await topics.read('changes', rows), await topics.read('loads', rows)];
    expect(spark).toHaveLength(result.reduce((sum, loaded) => sum + loaded.rows, 0));
    expect(spark.map(said).sort()).toEqual(relay.map(said).sort());
  });

  it('mongo.validator: every collection refuses a document that is no row of its table', async () => {
    for (const { name } of tables)
      await expect(collection(name).insertOne({ other: 1 } as never)).rejects.toMatchObject({ code: 121 });
  });

  it('live insert', async () => {
    await deleteAll();
    await writers.insert(tables);
    await expectExact();
  });

  /** Takes every other row from both targets, and gives the rest a field more. */
  async function damageAll(): Promise<void> {
    for (const table of tables) {
      const held = collection(table.name);
      const documents = await held.find({}, { promoteValues: false }).toArray();
      const damage = documents.map(({ _id, _sync }, at) =>
        at % 2 === 0
          ? { deleteOne: { filter: { _id } } }
          : { replaceOne: { filter: { _id }, replacement: { _sync, junk: 1 } } },
      );
      if (damage.length > 0) await held.bulkWrite(damage, { bypassDocumentValidation: true });
      const keys = redis.pipeline();
      for (const [at, row] of table.rows.entries()) {
        const key = redisKey(database, table.name, row);
        if (at % 2 === 0) keys.del(key);
        else keys.hset(key, 'junk', '1');
      }
      await keys.exec();
    }
  }

  interface Verified {
    readonly tables: readonly { target: string; rows: number; equal: number; missing: number }[];
    readonly repairs?: Readonly<Record<string, number>>;
  }

  const spark = ['--engine', 'spark'];
  // That Spark finds damage is shown by spark-verify.spec: for each commit it has to find all types equal.
  const engines = oneOf([], spark);
  const enginesAtLast = oneOf(spark, []);
  // What differs waits for the pipeline most of the time, table by table.
  const verify = (...args: string[]) => pipeline.json<Verified>('verify', '--parallel', '8', ...args);
  const rowsOfAll = tables.reduce((sum, { rows }) => sum + rows.length, 0);

  // With each commit: a load and live changes, which bring all types the same way; finding and repairing is that of libs/verify.
  itLong('verify finds every damaged row', async () => {
    await damageAll();
    for (const args of engines) {
      const { code, result } = await verify(...args);
      expect([code, result.tables.filter(({ equal }) => equal > 0)]).toEqual([2, []]);
    }
  });

  itLong('repair', async () => {
    await damageAll();
    const { code, result } = await verify('--repair');
    // What is sent again for one target mends the other's too, which then has nothing left to be repaired.
    expect([code, result.repairs]).toEqual([0, { repaired: expect.any(Number) }]);
    expect(result.repairs!['repaired']).toBeGreaterThanOrEqual(rowsOfAll);
    await expectExact();
  });

  // With each commit: libs/dead-letters, and replays of a pipeline's letters byte for byte in apps/cli/test/pipeline.
  itLong('dead-letter replay', async () => {
    await deleteAll();
    const validate = async (validator: object) => {
      for (const { name } of tables)
        await pipeline.mongo.getClient().db(database).command({ collMod: name, validator });
    };
    const keys = tables.flatMap((table) => table.rows.map((row) => redisKey(database, table.name, row)));
    await validate({ never: { $exists: true } });
    await Promise.all(keys.map((key) => redis.rpush(key, 'in the way')));
    await writers.insert(tables);
    await waitFor(() => pipeline.deadLetters().then(({ length }) => length >= rowsOfAll * 2), {
      timeoutMs: 60_000,
      everyMs: 500,
    });
    // One letter for each row and sink, not one more.
    const buried = (await pipeline.deadLetters()).map(({ stage, code, key }) => `${stage} ${code} ${key}`);
    expect(buried.filter((letter, at) => buried.indexOf(letter) < at)).toEqual([]);
    expect(tally(await pipeline.deadLetters())).toEqual({
      'mongo-sink TARGET_REJECTED': rowsOfAll,
      'redis-sink TARGET_REJECTED': rowsOfAll,
    });
    await validate({});
    await redis.del(keys);
    const { status, stdout } = await pipeline.cli('dlq', 'replay', '--json');
    expect({ status, ...JSON.parse(stdout) }).toMatchObject({
      status: 0,
      replayed: rowsOfAll * 2,
      rejectedAgain: 0,
      settled: true,
      targets: { mongo: { pending: 0, rejected: 0 }, redis: { pending: 0, rejected: 0 } },
    });
    await expectExact();
  });

  // With each commit: libs/relay/test/oversize.spec, and rows that a target refuses in target-trouble.spec.
  itLong('R11: rows beyond a limit end in dead letters, and only where the limit is', async () => {
    const huge: MatrixTable = { name: 'huge', ddl: '', rows: [beyondMongo, beyondKafka] };
    await writers.insert([huge]);
    await waitFor(() => pipeline.deadLetters().then(({ length }) => length >= 2), {
      timeoutMs: 60_000,
      everyMs: 500,
    });
    const keyOf = (id: number) => JSON.stringify({ table: `${database}.huge`, key: { id } });
    expect((await pipeline.deadLetters()).map(({ stage, code, key }) => ({ stage, code, key }))).toEqual(
      expect.arrayContaining([
        { stage: 'mongo-sink', code: 'TARGET_REJECTED', key: keyOf(1) },
        { stage: 'trigger-relay', code: 'OVERSIZE', key: keyOf(2) },
      ]),
    );
    expect(await pipeline.deadLetters()).toHaveLength(2);
    const fits = { ...huge, rows: [beyondMongo] };
    await waitFor(() => redis.exists(redisKey(database, 'huge', beyondMongo)));
    expect(differencesOf('huge', wantedInRedis(fits), await heldInRedis(redis, database, huge))).toEqual([]);
    expect((await heldInMongo(collection('huge'))).size).toBe(0);
    for (const args of engines) {
      const { code, result } = await verify('--table', `${database}.huge`, ...args);
      expect([code, result.tables.map(({ target, equal, missing }) => [target, equal, missing])]).toEqual([
        2,
        [
          ['mongo', 0, 2],
          ['redis', 1, 1],
        ],
      ]);
    }
    expect((await pipeline.cli('dlq', 'discard')).status).toBe(0);
    await pipeline.admin.query('DELETE FROM huge');
  });

  it('verify finds no difference, and no dead letter is left', async () => {
    await pipeline.untilEqual();
    for (const args of enginesAtLast) {
      const { code, result } = await verify(...args);
      const unequal = result.tables.filter(({ rows, equal }) => rows !== equal);
      expect([code, unequal, result.tables.length > 2 * tables.length]).toEqual([0, [], true]);
    }
    expect(await pipeline.deadLetters()).toEqual([]);
  });
});

function tally(letters: readonly DeadLetter[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { stage, code } of letters) counts[`${stage} ${code}`] = (counts[`${stage} ${code}`] ?? 0) + 1;
  return counts;
}
