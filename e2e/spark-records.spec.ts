import { sparkRemote, stackEnv, waitFor } from '@tributary/testing';
import type { Server } from '@tributary/type-matrix';
import { Topics, type TopicRecord } from './faults/topics';
import { oneOf } from './support/flavours';
import { Pipeline } from './support/pipeline';
import { MatrixSource } from './type-matrix/matrix-source';

jest.setTimeout(240_000);

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
    const source = new MatrixSource(pipeline, server);

    beforeAll(async () => {
      pipeline.setEnv({ SPARK_REMOTE: await sparkRemote() });
      await pipeline.prepare(source.ddl);
      await source.fill();
    });
    afterAll(() => source.stop());

    it('are the relay’s, byte for byte', async () => {
      await pipeline.start('trigger-relay');
      await waitFor(
        async () => {
          const { result } = await pipeline.json<{ state: string }[]>('snapshot', 'status');
          return result.length === source.tables.length && result.every(({ state }) => state === 'done');
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
