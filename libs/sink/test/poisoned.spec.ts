import {
  controlRecord,
  envelopeWriter,
  header,
  imagesCrc,
  lostRecord,
  rowSchema,
  type Column,
  type ColumnKind,
  type Headers,
} from '@tributary/contract';
import type { OutRecord } from '@tributary/transport';
import { uniqueName, waitFor } from '@tributary/testing';
import type { RunningSink } from './running-sink';
import { SinkFixture, version } from './sink-fixture';
import { eachTarget, type TestTarget } from './targets';

jest.setTimeout(60_000);

const kinds: readonly (readonly [ColumnKind, Partial<Column>])[] = [
  ['bigint', {}],
  ['decimal', { precision: 8, scale: 2 }],
  ['float', {}],
  ['bit', { length: 8 }],
  ['binary', { length: 20 }],
  ['date', {}],
  ['datetime', { fsp: 3 }],
  ['timestamp', { fsp: 6 }],
  ['time', { fsp: 0 }],
  ['year', {}],
  ['json', {}],
  ['geometry', {}],
  ['text', { length: 9 }],
];
/** What a foreign producer may put where a value of any of these kinds belongs. */
const garbage = ['"x"', '{}', '[[]]', 'true', '1e999', '-1.5', '""', '"0000-00-00"', '{"__proto__":{"a":1}}'];

describe.each(eachTarget)('the $target sink and poisoned records', ({ target: name, open }) => {
  const app = `${name}-sink`;
  const prefix = uniqueName(`poison_${name}`);
  let target: TestTarget;
  let fixture: SinkFixture;
  let sink: RunningSink;
  let log = 0;

  beforeAll(async () => {
    target = await open();
    fixture = new SinkFixture(prefix, target.schema, '', [`${target.schema.table}_2`]);
    await fixture.open();
    sink = await fixture.start(
      ...([name, target.writer] as const),
      ...([(of: string) => target.positions(of), (of: string) => target.notes(of), target.places] as const),
      300,
    );
  });
  afterAll(async () => {
    await sink.stop();
    await fixture.close();
    await target.close();
  });

  /** Publishes each poison between two good rows, and answers how many dead letters came of it. */
  const between = async (poisons: readonly OutRecord[]): Promise<number> => {
    const before = (await fixture.deadLetters()).length;
    const first = ++log;
    await fixture.publish([{ id: first, log, row: { id: first, name: 'first', qty: 1 } }]);
    await fixture.raw(
      fixture.config.topics.validated,
      poisons.map((record) => ({ ...record, partition: 0 })),
    );
    const last = ++log;
    await fixture.publish([{ id: last, log, row: { id: last, name: 'last', qty: 1 } }]);
    await waitFor(async () => (await fixture.lag(app)) === 0n, { timeoutMs: 20_000, everyMs: 100 });
    expect((await target.held(first))?.version).toBe(version(first));
    expect((await target.held(last))?.version).toBe(version(last));
    return (await fixture.deadLetters()).length - before;
  };

  /** As the pipeline writes it, but for what is said otherwise. */
  const change = (parts: {
    key?: string | null;
    value?: string | null;
    after?: string;
    headers?: Headers;
  }) => {
    const { table, fingerprint } = target.schema;
    const v = version(++log);
    const after = parts.after ?? `{"id":${log},"qty":1,"name":"n"}`;
    const value = envelopeWriter(
      prefix,
      table,
      'test',
    )({
      ...{ before: 'null', after, op: 'u', version: v },
      ...{ sourceTsMs: Date.now(), publishedTsMs: Date.now(), snapshot: false },
    });
    return {
      key: parts.key === undefined ? `{"table":"${table}","key":{"id":${log}}}` : parts.key,
      value: parts.value === undefined ? value : parts.value,
      headers: {
        [header.version]: v,
        [header.schema]: fingerprint,
        [header.crc]: imagesCrc('null', after),
        ...parts.headers,
      },
    };
  };
  const altered = (from: RegExp, to: string) => {
    const record = change({});
    return { ...record, value: record.value!.replace(from, to) };
  };

  it('R11: headers, keys and values that nobody of the pipeline writes are dead letters', async () => {
    const huge = 'k'.repeat(1_000_000);
    const poisons: OutRecord[] = [
      ...['', '-1', '1', '9'.repeat(19), '9'.repeat(40), '0x1', 'NaN'].map((v) => change({ headers: { v } })),
      change({ headers: { v: null } }),
      change({ headers: { v: undefined } }),
      change({ headers: { v: ['0001000000000000001', '0001000000000000002'] } }),
      ...['', 'x', '0123456789abcdef', '__proto__', huge.slice(0, 100_000)].map((schema) =>
        change({ headers: { schema } }),
      ),
      change({ headers: { crc: null } }),
      change({ headers: { crc: ['0', '0'] } }),
      ...[null, '', '{', '[]', 'null', '7', '"x"', '{"table":1}', '{"table":"a.b"}', huge].map((key) =>
        change({ key }),
      ),
      change({ key: `{"table":"${target.schema.table}","key":[]}` }),
      change({ key: `{"table":"${target.schema.table}","key":{"__proto__":1}}` }),
      change({ key: `{"table":"__proto__","key":{"id":1}}` }),
      change({ key: `{"table":"${'['.repeat(100_000)}","key":{}}` }),
      change({ key: `{"table":"${target.schema.table}","key":${'['.repeat(50_000)}${']'.repeat(50_000)}}` }),
      ...['', '{', '[]', 'null', '7', '\uFEFF{}', `${'['.repeat(200_000)}`, '{"after":1}'].map((value) =>
        change({ value }),
      ),
      change({ value: `{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}` }),
      altered(/"op":"u"/, '"op":"t"'),
      altered(/"op":"u"/, '"op":{}'),
      altered(/"source":/, '"__proto__":'),
      altered(/"ts_ms":\d+/, '"ts_ms":"x"'),
      altered(/"ts_ms":\d+/, '"ts_ms":-1e999'),
      altered(/"ts_ms":\d+/, '"ts_ms":{"a":1}'),
    ];
    expect(await between(poisons)).toBe(poisons.length);
  });

  it('R11: control records with garbage are dead letters, those of a newer release and records without a value pass by', async () => {
    const control = controlRecord({
      ...{ kind: 'load', table: target.schema.table, schema: target.schema.fingerprint },
      ...{ floor: version(1), job: '1', partitions: 2 },
    });
    const poisons: OutRecord[] = [
      ...['', 'null', '[]', '{"table":{}}'].map((value) => ({ ...control, value })),
      { ...control, value: null },
      { ...control, headers: { ...control.headers, v: '-1' } },
      { ...control, headers: { ...control.headers, schema: 'ffffffffffffffff' } },
      { ...control, value: control.value.replace(target.schema.table, '__proto__') },
    ];
    expect(await between(poisons)).toBe(poisons.length);
    const passing: OutRecord[] = [
      { ...control, headers: { ...control.headers, control: 'later' }, value: '\u0000' },
      { ...control, headers: { control: [Buffer.from('load'), Buffer.from('sweep')] }, key: null },
      { ...control, headers: { control: null }, value: null },
      { ...lostRecord('x'), value: '{', key: null },
      { key: null, value: null },
      change({ value: null, key: 'x' }),
      change({ value: null, key: null, headers: { v: '-' } }),
    ];
    expect(await between(passing)).toBe(0);
  });

  it('R11, R15: values that no column of the kind has take no neighbour along', async () => {
    const { table, columns } = target.schema;
    const records: OutRecord[] = [];
    for (const [kind, more] of kinds) {
      const column: Column = { ...columns[0]!, kind, sourceKind: kind, ...more, name: 'x', field: 'x' };
      const schema = rowSchema({ table: `${table}_2`, columns: [columns[0]!, column], key: ['id'] });
      const keyed = rowSchema({ table: `${table}_2`, columns: [columns[0]!, column], key: ['id', 'x'] });
      for (const one of [schema, keyed]) {
        await fixture.schema(one);
        for (const value of garbage) {
          log += 1;
          const key = one === keyed ? `{"id":${log},"x":${value}}` : `{"id":${log}}`;
          const after = `{"id":${log},"x":${value}}`;
          const v = version(log);
          const text = envelopeWriter(
            prefix,
            one.table,
            'test',
          )({
            ...{ before: 'null', after, op: 'u', version: v },
            ...{ sourceTsMs: 1, publishedTsMs: 1, snapshot: false },
          });
          const headers = { v, schema: one.fingerprint, crc: imagesCrc('null', after) };
          records.push({ key: `{"table":"${one.table}","key":${key}}`, value: text, headers });
        }
      }
    }
    expect(await between(records)).toBeGreaterThan(kinds.length);
    expect(sink.pipeline.server.state.trouble).toBeNull();
    expect(sink.context.tables.list()).toEqual([]);
  });
});
