import { rowSchema } from '@tributary/contract';
import { waitFor } from '@tributary/testing';
import { SchemaStore } from '../src';
import { Pipelines, silent } from './support';

jest.setTimeout(60_000);

describe('SchemaStore', () => {
  const bench = new Pipelines();
  const publisher = bench.kafka().publisher();

  beforeAll(() => publisher.start());
  afterAll(async () => {
    await publisher.stop();
    await bench.clear();
  });

  const schemaOf = (table: string, length: number) =>
    rowSchema({
      table,
      key: ['id'],
      columns: [
        {
          name: 'id',
          field: 'id',
          kind: 'text',
          sourceKind: 'text',
          sqlType: `varchar(${length})`,
          nullable: false,
          length,
        },
      ],
    });

  it('knows what was published before, follows, and resolves what it has not read yet', async () => {
    const { topics } = await bench.pipeline(1);
    const [old, newer, other] = [schemaOf('a.b', 1), schemaOf('a.b', 2), schemaOf('a.c', 1)];
    const writer = new SchemaStore(bench.kafka(), topics.schemas, silent);
    await writer.publish(publisher, old);
    const proxy = await bench.proxy();
    const store = new SchemaStore(bench.kafka(proxy.address), topics.schemas, silent);
    await store.start();
    expect(store.get(old.fingerprint)).toEqual(old);
    expect(await store.resolve(newer.fingerprint)).toBeUndefined();
    await writer.publish(publisher, newer);
    await writer.publish(publisher, other);
    expect(await store.resolve(other.fingerprint)).toEqual(other);
    expect(store.forTable('a.b')).toEqual([old, newer]);
    await writer.publish(publisher, old);
    await waitFor(() => store.forTable('a.b').at(-1)?.fingerprint === old.fingerprint);

    proxy.cut({ refuse: true });
    await expect(store.resolve('0123456789abcdef')).rejects.toMatchObject({ kind: 'retry' });
    const late = schemaOf('a.d', 1);
    await writer.publish(publisher, late);
    proxy.accept();
    await waitFor(() => store.get(late.fingerprint), { timeoutMs: 20_000 });
    const start = Date.now();
    await store.stop();
    expect(Date.now() - start).toBeLessThan(1000);
  });

  it('skips a record that holds no schema and keeps the others', async () => {
    const { topics } = await bench.pipeline(1);
    const good = schemaOf('a.b', 1);
    await publisher.send(topics.schemas, [
      { key: 'deadbeef', value: '{"table":' },
      { key: 'deadbeef', value: JSON.stringify(good) },
      { key: good.fingerprint, value: JSON.stringify(good) },
    ]);
    const store = new SchemaStore(bench.kafka(), topics.schemas, silent);
    await store.start();
    expect(store.forTable('a.b')).toEqual([good]);
    await store.stop();
  });
});
