import {
  controlRecord,
  formatVersion,
  header,
  lostRecord,
  rowSchema,
  type Headers,
} from '@tributary/contract';
import { SchemaStore } from '@tributary/topics';
import { groupLag, type OutRecord } from '@tributary/transport';
import { sample, waitFor, type SampleRecord } from '@tributary/testing';
import { ValidatorFixture, type RunningValidator } from './validator-fixture';

const { altered, sampleEvent, schema, table } = sample;

jest.setTimeout(60_000);

type Poison = Omit<OutRecord, 'partition'>;

describe('validator and records that nobody of the pipeline writes', () => {
  const fixture = new ValidatorFixture(`tables: [{ table: "shop.*" }, { table: shop.left, exclude: true }]`);
  const { topics, prefix } = fixture.config;
  let running: RunningValidator;
  let id = 0;

  beforeAll(async () => {
    await fixture.open();
    running = await fixture.start();
  });
  afterAll(() => fixture.close());

  const count = async (topic: string) => (await fixture.read(topic, 0)).length;

  /** Publishes records between two good ones; answers how many went on and how many became dead letters. */
  const between = async (poisons: readonly Poison[]) => {
    const [passed, letters] = [await count(topics.validated), await count(topics.deadLetters)];
    const [first, last] = [sampleEvent({ id: ++id }), sampleEvent({ id: ++id })];
    await fixture.produce([first, ...poisons, last]);
    const admin = fixture.kafka.admin();
    await waitFor(async () => (await groupLag(admin, `${prefix}.validator`, topics.changes)).get(0) === 0n, {
      timeoutMs: 30_000,
      everyMs: 100,
    });
    const added = (await fixture.read(topics.validated, passed + 2)).slice(passed);
    for (const good of [first, last])
      expect(added.some(({ key, value }) => key?.equals(good.key) && value?.equals(good.value))).toBe(true);
    return { forwarded: added.length - 2, letters: (await count(topics.deadLetters)) - letters };
  };

  const good = sampleEvent({ id: 500 });
  const headed = (more: Headers): Poison => ({ ...good, headers: { ...good.headers, ...more } });
  const keyed = (key: string | null): Poison => ({ ...good, key });
  const valued = (value: string): Poison => ({ ...good, value });

  it('R11, R15: each becomes a dead letter, and its neighbours in the batch get through', async () => {
    const huge = 'k'.repeat(1_000_000);
    const poisons: Poison[] = [
      ...['', '-1', '9'.repeat(19), '9'.repeat(40), 'NaN'].map((v) => headed({ v })),
      headed({ v: null }),
      headed({ v: undefined }),
      headed({ v: ['0001000000000000001', '0001000000000000002'] }),
      ...['', '0123456789abcdef', '__proto__', huge.slice(0, 100_000)].map((text) =>
        headed({ schema: text }),
      ),
      headed({ crc: null }),
      headed({ crc: ['0', '0'] }),
      ...[null, '', '{', '[]', 'null', '7', '{"table":1}', '{"table":"a.b","key":{}}', huge].map(keyed),
      { key: null, value: null },
      ...[`{"table":"${table}","key":[]}`, `{"table":"${table}","key":{"__proto__":1}}`].map(keyed),
      keyed('{"table":"__proto__","key":{"id":1}}'),
      keyed(`{"table":"${table}","key":${'['.repeat(50_000)}${']'.repeat(50_000)}}`),
      ...['', '{', '[]', 'null', '7', '\uFEFF{}', '['.repeat(200_000), '{"after":1}'].map(valued),
      valued(`{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`),
      ...['"x"', '-1e999', '{"a":1}'].map((time) =>
        altered(good, '"ts_ms":1795430000000', `"ts_ms":${time}`),
      ),
      altered(good, '"after":', '"__proto__":'),
      altered(good, '"quantity":7', '"quantity":{"__proto__":7}'),
      altered(good, '"quantity":7', '"quantity":[[7]]'),
      altered(good, '"quantity":7', '"quantity":7,"__proto__":{"id":"1"}'),
    ];
    expect(await between(poisons)).toEqual({ forwarded: 0, letters: poisons.length });
  });

  it('R11: control records with garbage are dead letters; of unknown kinds, and without a value, they pass by', async () => {
    const control = controlRecord({
      ...{ kind: 'load', table, schema: schema.fingerprint, floor: formatVersion(1, 1n) },
      ...{ job: '1', partitions: 2 },
    });
    const bad: Poison[] = [
      ...['', 'null', '[]', '{"table":{}}'].map((value) => ({ ...control, value })),
      { ...control, value: null },
      { ...control, headers: { ...control.headers, v: '-1' } },
      { ...control, headers: { ...control.headers, schema: 'ffffffffffffffff' } },
      { ...control, value: control.value.replace(table, '__proto__') },
    ];
    expect(await between(bad)).toEqual({ forwarded: 0, letters: bad.length });
    const passing: Poison[] = [
      { ...control, headers: { ...control.headers, control: 'later' }, value: '\u0000' },
      { ...control, headers: { control: ['load', 'sweep'] } },
      { key: 'k', headers: { control: null }, value: null },
      { ...lostRecord('x'), value: '{' },
      { ...good, value: null },
    ];
    expect(await between(passing)).toEqual({ forwarded: passing.length, letters: 0 });
  });

  it('R15: a schema that is not what its fingerprint says stands for nothing', async () => {
    const forged = { ...schema, fingerprint: 'aaaaaaaaaaaaaaaa', columns: [null], key: ['x'] };
    const records = [
      { key: forged.fingerprint, value: JSON.stringify(forged) },
      { key: 'bbbbbbbbbbbbbbbb', value: '{"table":"shop.orders","columns":[],"key":[]}' },
      ...[null, ''].map((value) => ({ key: 'cccccccccccccccc', value })),
    ];
    await fixture.publisher.send(
      topics.schemas,
      records.map((record) => ({ ...record, partition: 0 })),
    );
    const store = new SchemaStore(fixture.kafka, topics.schemas, fixture.kafka.log);
    await store.start();
    await store.stop();
    expect(store.forTable(table).map(({ fingerprint }) => fingerprint)).toEqual([schema.fingerprint]);
    const poison = headed({ [header.schema]: forged.fingerprint });
    expect(await between([poison])).toEqual({ forwarded: 0, letters: 1 });
  });

  it('R15: events of a table that is excluded by now are skipped and counted, those of an unknown one die', async () => {
    const left = rowSchema({ ...schema, table: 'shop.left' });
    await new SchemaStore(fixture.kafka, topics.schemas, fixture.kafka.log).publish(fixture.publisher, left);
    const of = (event: SampleRecord, name: string): SampleRecord => ({
      ...event,
      key: Buffer.from(event.key.toString().replace(table, `shop.${name}`)),
      value: Buffer.from(event.value.toString().replace('"table":"orders"', `"table":"${name}"`)),
    });
    const control = controlRecord({
      ...{ kind: 'load', table: 'shop.left', schema: left.fingerprint, floor: formatVersion(1, 1n) },
      ...{ job: '1', partitions: 2 },
    });
    const skipped: Poison[] = [of(good, 'left'), of(sampleEvent({ op: 'd', id: 501 }), 'left'), control];
    expect(await between(skipped)).toEqual({ forwarded: 0, letters: 0 });
    const { values } = await running.context.metrics.registry
      .getSingleMetric('tributary_events_total')!
      .get();
    const excluded = values.filter(({ labels }) => labels.outcome === 'excluded');
    expect(excluded.map(({ labels, value }) => [labels.table, value])).toEqual([['shop.left', 3]]);
    expect(await between([keyed('{"table":"other.t","key":{"id":"1"}}')])).toMatchObject({ letters: 1 });
  });
});
