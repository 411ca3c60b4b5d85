import { Module } from '@nestjs/common';
import { ensureTopics, PipelineNotes } from '@tributary/topics';
import type { RecordPublisher } from '@tributary/transport';
import { createKafka, type KafkajsTransport } from '@tributary/transport-kafkajs';
import { parseSyncConfig } from '@tributary/sync-config';
import { stackEnv, uniqueName, waitFor } from '@tributary/testing';
import { ServiceContext, SuspensionNotes, type Standing } from '../src';
import { createHttpApp } from '../src/http-app';

@Module({})
class NoWork {}

const trouble = { code: 'NO_KEY', reason: 'd.a has no key.', remedy: 'Add one.' };

describe('table states', () => {
  const prefix = uniqueName('tablestates');
  const configOf = (more = '') =>
    parseSyncConfig(`topics: { prefix: ${prefix}, partitions: 1 }\ntables: [{ table: d.*${more} }]`);
  const config = configOf();
  const contextOf = (file = config) =>
    new ServiceContext('mongo-sink', {
      ...{ kafka: { brokers: [] }, mysqlUrl: '', targets: {} },
      ...{ config: file, configPath: '', port: 0, host: '127.0.0.1', logLevel: 'fatal' },
    });
  const kafka = (context: ServiceContext, brokers = stackEnv().KAFKA_BROKERS): KafkajsTransport =>
    createKafka({ brokers: brokers.split(','), clientId: 'table-states-test' }, context.log);
  const notesOf = (context: ServiceContext, client: KafkajsTransport, publisher: RecordPublisher) =>
    new SuspensionNotes({
      ...{ context, publisher, loads: 'demand' as const },
      notes: new PipelineNotes(client, config.topics.notes, context.log),
    });

  afterAll(async () => {
    const admin = kafka(contextOf()).client.admin();
    await admin.connect();
    const there = new Set(await admin.listTopics());
    const topics = Object.values(config.topics).filter((topic) => there.has(topic));
    if (topics.length > 0) await admin.deleteTopics({ topics });
    await admin.disconnect();
  });

  it('R15: a suspended table shows in readiness, which stays green, in /info and in the metrics', async () => {
    const context = contextOf();
    const app = await createHttpApp(context, NoWork);
    await app.listen(0, '127.0.0.1');
    const url = `http://127.0.0.1:${(app.getHttpServer().address() as { port: number }).port}`;
    context.tables.suspend('d.a', trouble);
    context.tables.suspend('d.a', { ...trouble, code: 'OTHER' });
    const ready = await fetch(`${url}/health/ready`);
    expect([ready.status, await ready.json()]).toMatchObject([
      200,
      { details: { tables: { status: 'up', 'd.a': 'NO_KEY: d.a has no key.' } } },
    ]);
    expect(await (await fetch(`${url}/info`)).json()).toMatchObject({
      tables: [{ table: 'd.a', state: 'suspended', ...trouble }],
    });
    const shown = 'tributary_table_suspended{table="d.a",stage="mongo-sink"} 1';
    expect(await (await fetch(`${url}/metrics`)).text()).toContain(shown);
    expect(context.tables.lift('d.a', 'NO_KEY')).toBe(false);
    expect(context.tables.isSuspended('d.a')).toBe(true);
    expect(context.tables.lift('d.a', 'OTHER')).toBe(true);
    expect(await (await fetch(`${url}/metrics`)).text()).not.toContain('tributary_table_suspended{');
    expect(await (await fetch(`${url}/health/ready`)).json()).not.toHaveProperty('details.tables');
    await app.close();
  });

  it('R15: notes say it to the others, and one that is lifted, also by a later process, asks for a load', async () => {
    const first = contextOf();
    const client = kafka(first);
    await ensureTopics(client, config);
    const publisher = client.publisher();
    const reader = new PipelineNotes(client, config.topics.notes, first.log);
    const seen = async () => {
      await reader.refresh();
      const of = (kind: 'suspended' | 'load') => reader.of(kind).map(({ table }) => table);
      return [of('suspended'), of('load')];
    };
    first.tables.suspend('d.a', trouble);
    first.tables.connect(notesOf(first, client, publisher));
    first.tables.suspend('d.b', trouble);
    await first.tables.settled();
    expect(await seen()).toEqual([['d.a', 'd.b'], []]);
    first.tables.lift('d.b');
    await first.tables.settled();
    expect(await seen()).toEqual([['d.a'], ['d.b']]);
    await first.tables.disconnect();
    expect(await seen()).toEqual([['d.a'], ['d.b']]);

    const second = contextOf();
    second.tables.connect(notesOf(second, client, publisher));
    await second.tables.settled();
    expect(await seen()).toEqual([[], ['d.b', 'd.a']]);
    await second.tables.disconnect();
    await reader.close();
    await publisher.stop();
  });

  it('R15: copies with different sync files let each other be, say it once, and load when the other one has ended', async () => {
    const other = contextOf(configOf(', mongo: { id: document }'));
    const self = contextOf();
    const warn = jest.spyOn(self.log, 'warn').mockImplementation();
    const client = kafka(self);
    await ensureTopics(client, config);
    const publisher = client.publisher();
    const reader = new PipelineNotes(client, config.topics.notes, self.log);
    const table = 'd.disputed';
    const seen = async () => {
      await reader.refresh();
      const loads = reader.of('load').filter((note) => note.table === table);
      return [reader.of('suspended').map(({ instance }) => instance), loads.length];
    };
    const standing = new Map<string, Standing>([
      [other.instance, 'unsure'],
      [self.instance, 'lives'],
    ]);
    let looks = 0;
    const copies = {
      look: async () => {
        looks += 1;
        return (instance: string) => standing.get(instance) ?? 'gone';
      },
    };
    const connect = (context: ServiceContext) =>
      context.tables.connect(
        new SuspensionNotes({
          ...{ context, publisher, copies, loads: 'demand' as const, lookMs: 100 },
          notes: new PipelineNotes(client, config.topics.notes, context.log),
        }),
      );
    const someLooks = async () => {
      const from = looks;
      await waitFor(() => looks > from + 3, { timeoutMs: 20_000 });
    };
    other.tables.suspend(table, trouble);
    connect(other);
    await other.tables.settled();
    connect(self);
    await someLooks();
    expect(warn).not.toHaveBeenCalled();
    standing.set(other.instance, 'lives');
    await someLooks();
    expect(await seen()).toEqual([[other.instance], 0]);
    expect(warn).toHaveBeenCalledTimes(1);
    const [details, sentence] = warn.mock.calls[0]! as unknown as [object, string];
    expect(details).toMatchObject({ event: 'copies-disagree', table, other: other.instance });
    for (const named of [other.instance, self.instance, other.env.config.hash, self.env.config.hash])
      expect(sentence).toContain(named);

    await other.tables.disconnect();
    await someLooks();
    expect(await seen()).toEqual([[other.instance], 0]);
    standing.set(other.instance, 'gone');
    await waitFor(async () => (await seen())[1] === 1, { timeoutMs: 20_000 });
    await waitFor(async () => ((await seen())[0] as []).length === 0, { timeoutMs: 20_000 });
    await self.tables.disconnect();
    await reader.close();
    await publisher.stop();
  });

  it('R15: what an ended process had suspended is taken over without a load while it is suspended here too', async () => {
    const [first, second] = [contextOf(), contextOf()];
    const client = kafka(first);
    await ensureTopics(client, config);
    const publisher = client.publisher();
    const reader = new PipelineNotes(client, config.topics.notes, first.log);
    for (const context of [first, second]) {
      context.tables.suspend('d.both', trouble);
      context.tables.connect(notesOf(context, client, publisher));
      await context.tables.settled();
      await context.tables.disconnect();
      await reader.refresh();
      const notes = reader.of('suspended').filter(({ table }) => table === 'd.both');
      expect(notes.map(({ instance }) => instance)).toEqual([context.instance]);
    }
    expect(reader.of('load').filter(({ table }) => table === 'd.both')).toEqual([]);
    await reader.close();
    await publisher.stop();
  });

  it('R15: a Kafka that is away holds nobody up', async () => {
    const context = contextOf();
    const away = kafka(context, '127.0.0.1:1');
    const publisher = away.publisher();
    context.tables.connect(notesOf(context, away, publisher));
    context.tables.suspend('d.a', trouble);
    expect(context.tables.isSuspended('d.a')).toBe(true);
    await publisher.stop();
    await context.tables.disconnect();
  });
});
