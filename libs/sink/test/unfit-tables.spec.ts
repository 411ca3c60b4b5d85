import { rowSchema, type Column, type RowSchema } from '@tributary/contract';
import { PipelineNotes } from '@tributary/topics';
import { stackEnv, uniqueName, waitFor } from '@tributary/testing';
import type { RunningSink } from './running-sink';
import { SinkFixture, version } from './sink-fixture';
import { mongoTarget, redisTarget, type TestTarget } from './targets';

jest.setTimeout(60_000);

interface Case {
  readonly target: 'mongo' | 'redis';
  readonly open: () => Promise<TestTarget>;
  /** Settings that the table's own key fits, and the one with another column in it does not. */
  readonly settings: string;
  readonly column: string;
  readonly code: string;
}

const cases: Case[] = [
  {
    target: 'mongo',
    open: () => mongoTarget(stackEnv().MONGODB_URI),
    ...{ settings: 'mongo: { id: document }', column: '$gt', code: 'MONGO_ID' },
  },
  {
    target: 'redis',
    open: () => redisTarget(stackEnv().REDIS_URL),
    ...{ settings: '', column: 'shard', code: 'REDIS_KEY' },
  },
];

describe.each(cases)('the $target sink', ({ target: name, open, settings, column, code }) => {
  const app = `${name}-sink`;
  const prefix = uniqueName(`unfit_${name}`);
  let target: TestTarget;
  let fixture: SinkFixture;
  let sink: RunningSink;
  let other: RowSchema;
  let unfit: RowSchema;

  const start = async () =>
    (sink = await fixture.start(
      ...([name, target.writer] as const),
      ...([(of: string) => target.positions(of), (of: string) => target.notes(of), target.places] as const),
      300,
    ));
  const caughtUp = () =>
    waitFor(async () => (await fixture.lag(app)) === 0n, { timeoutMs: 20_000, everyMs: 100 });
  const row = (id: number) => ({ id, name: `n${id}`, qty: id });
  const newRow = (id: number) => ({ ...row(id), [column]: 7 });
  const suspended = () => sink.context.tables.of(code).map(({ table }) => table);
  const suspendedNotes = async () => {
    const notes = new PipelineNotes(fixture.kafka, fixture.config.topics.notes, sink.context.log);
    await notes.refresh();
    await notes.close();
    return notes.of('suspended').map((note) => [note.app, note.table, note.code]);
  };

  beforeAll(async () => {
    target = await open();
    const { table, columns, key } = target.schema;
    const shard: Column = { ...columns[0]!, name: column, field: column };
    unfit = rowSchema({ table, columns: [...columns, shard], key: [...key, column] });
    other = rowSchema({ table: `${table}_2`, columns, key });
    const redisKey = `redis: { key: "${table.replace('.', ':')}:{id}" }`;
    fixture = new SinkFixture(prefix, target.schema, settings || redisKey, [other.table]);
    await fixture.open();
    await fixture.schema(other);
    await start();
  });
  afterAll(async () => {
    await sink.stop();
    await fixture.close();
    await target.close();
  });

  it('R15: a key that the sync file does not fit suspends its table, and the others go on in the same batch', async () => {
    const { table } = target.schema;
    await fixture.publish([{ id: 1, log: 1, row: row(1) }]);
    await caughtUp();
    await fixture.schema(unfit);
    await fixture.publish([{ id: 2, log: 2, row: newRow(2) }], 0, unfit);
    await fixture.publish([{ id: 11, log: 3, row: row(11) }], 0, other);
    await fixture.publish([{ id: 3, log: 4, row: newRow(3), damage: true }], 0, unfit);
    await fixture.publish([{ id: 12, log: 5, row: row(12) }], 0, other);
    await caughtUp();
    expect((await target.held(11, '_2'))?.version).toBe(version(3));
    expect((await target.held(12, '_2'))?.version).toBe(version(5));
    expect((await target.held(1))?.version).toBe(version(1));
    expect(suspended()).toEqual([table]);
    expect(await suspendedNotes()).toEqual([[app, table, code]]);
    expect(sink.context.tables.list()[0]).toMatchObject({
      reason: expect.stringContaining(column === '$gt' ? column : '{shard}'),
      remedy: expect.any(String),
    });
    expect(await sink.counted()).toMatchObject({ applied: 3, suspended: 1, dead_letter: 1 });
  });

  it('R15: a sink that starts beside such a table works for the others, and says so before any event of it', async () => {
    await sink.stop();
    await start();
    expect(suspended()).toEqual([target.schema.table]);
    await fixture.publish([{ id: 4, log: 6, row: newRow(4) }], 1, unfit);
    await fixture.control('load', 6, [0, 1], 1, unfit);
    await fixture.control('sweep', 6, [0, 1], 1, unfit);
    await fixture.publish([{ id: 13, log: 7, row: row(13) }], 1, other);
    await caughtUp();
    expect((await target.held(13, '_2'))?.version).toBe(version(7));
    // A load that passed while nothing of it was taken removes nothing.
    expect((await target.held(1))?.version).toBe(version(1));
    expect(await fixture.demands()).toEqual([]);
  });

  it('R15: when its schema fits again it is active, and a load brings what was left out', async () => {
    const { table } = target.schema;
    await fixture.schema();
    await waitFor(() => suspended().length === 0, { timeoutMs: 20_000 });
    await waitFor(async () => (await fixture.demands()).some((note) => note.table === table), {
      timeoutMs: 20_000,
    });
    expect(await suspendedNotes()).toEqual([]);
    await fixture.control('load', 8);
    await fixture.publish([{ id: 2, log: 9, row: row(2) }]);
    // It asks for rows that are dead letters, and meets one with a key that fits nothing.
    await fixture.control('sweep', 8);
    await caughtUp();
    expect((await target.held(2))?.version).toBe(version(9));
    expect(await target.held(1)).toBeUndefined();
  });

  it('R15: events of the unfit schema that come late are left out and bring another load', async () => {
    const { table } = target.schema;
    const demands = (await fixture.demands()).length;
    await fixture.publish([{ id: 6, log: 10, row: newRow(6) }], 0, unfit);
    await fixture.publish([{ id: 14, log: 11, row: row(14) }], 0, other);
    await caughtUp();
    expect((await target.held(14, '_2'))?.version).toBe(version(11));
    await waitFor(() => suspended().length === 0, { timeoutMs: 20_000 });
    expect(demands).toBe(1);
    expect((await fixture.demands()).map((note) => note.table)).toEqual([table]);
    await fixture.publish([{ id: 7, log: 12, row: row(7) }]);
    await caughtUp();
    expect((await target.held(7))?.version).toBe(version(12));
  });
});
