import { sparkRemote, stackEnv, waitFor } from '@tributary/testing';
import {
  addZone,
  foldTable,
  removeZone,
  sessionTable,
  sizedTable,
  valueGroups,
  Writers,
  type MatrixTable,
  type Server,
} from '@tributary/type-matrix';
import { Topics, type TopicRecord } from './faults/topics';
import { oneOf } from './support/flavours';
import { Pipeline } from './support/pipeline';

jest.setTimeout(240_000);

const tablesOf = (server: Server, zone: string): MatrixTable[] => [
  ...Object.values(valueGroups(server)).flat(),
  sessionTable(server),
  foldTable(zone),
  sizedTable(),
];

/** What says the row, and nothing of when it was said. */
function said({ partition, key, value, headers }: TopicRecord) {
  const after = value!.indexOf(',"after":');
  const image = value!.slice(after, value!.indexOf(',"source":', after));
  return JSON.stringify([partition, key, image, headers['schema'], headers['crc']]);
}

/** One codec: what workers of Spark say of a row is byte for byte what the relay says. */
describe.each(oneOf<Server>('mysql', 'mariadb'))(
  'R9: records by Spark of the type matrix on %s',
  (server) => {
    const pipeline = new Pipeline({ mysql: server });
    const zone = `${pipeline.database}/Fold`;
    const tables = tablesOf(server, zone);
    const adminUri = stackEnv()[server === 'mysql' ? 'ADMIN_MYSQL_URL' : 'ADMIN_MARIADB_URL']!;
    const writers = new Writers(`${adminUri.replace(/\/$/, '')}/${pipeline.database}`);

    beforeAll(async () => {
      pipeline.setEnv({ SPARK_REMOTE: await sparkRemote() });
      await pipeline.prepare(tables.map(({ ddl }) => ddl));
      await addZone(pipeline.admin, zone);
      await writers.open();
      await writers.insert(tables);
    });
    afterAll(async () => {
      try {
        await writers.close();
        await removeZone(pipeline.admin, zone);
      } finally {
        await pipeline.stop();
      }
    });

    it('are the relay’s, byte for byte', async () => {
      await pipeline.start('trigger-relay');
      await waitFor(
        async () => {
          const { result } = await pipeline.json<{ state: string }[]>('snapshot', 'status');
          return result.length === tables.length && result.every(({ state }) => state === 'done');
        },
        { timeoutMs: 60_000, everyMs: 1_000 },
      );
      const { result } = await pipeline.json<{ table: string; state: string; rows: number }[]>(
        ...['snapshot', 'start', '--engine', 'spark'],
      );
      expect(result.filter(({ state }) => state !== 'done')).toEqual([]);
      const topics = new Topics(stackEnv().KAFKA_BROKERS, pipeline.prefix);
      const rows = ({ headers, value }: TopicRecord) => value !== null && headers['control'] === undefined;
      const [relay, spark] = [await topics.read('changes', rows), await topics.read('loads', rows)];
      expect(spark).toHaveLength(result.reduce((sum, loaded) => sum + loaded.rows, 0));
      expect(spark.map(said).sort()).toEqual(relay.map(said).sort());
    });
  },
);
