import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { deadLetterHeader, headerText, rowSchema, type Headers } from '@tributary/contract';
import { SchemaStore } from '@tributary/topics';
import { groupLag, readAll, type PlacedRecord } from '@tributary/transport';
import { badEvents, sample, waitFor, type SampleRecord } from '@tributary/testing';
import { ValidatorFixture, type RunningValidator } from './validator-fixture';

const { row, sampleEvent, schema, table, withHeader } = sample;

jest.setTimeout(150_000);

const bytes = ({ key, value, headers }: { key: Buffer | null; value: Buffer | null; headers: Headers }) => ({
  key: key?.toString('latin1') ?? null,
  value: value?.toString('latin1') ?? null,
  headers: Object.fromEntries(
    Object.entries(headers).map(([name, text]) => [name, (text as Buffer).toString('latin1')]),
  ),
});

/** A dead letter's record as it was before. */
const original = (letter: PlacedRecord) => {
  const added = new Set<string>(Object.values(deadLetterHeader));
  const headers = Object.fromEntries(Object.entries(letter.headers).filter(([name]) => !added.has(name)));
  return bytes({ ...letter, headers });
};
const codeOf = (letter: PlacedRecord) => headerText(letter.headers, deadLetterHeader.code);

describe('validator', () => {
  const fixture = new ValidatorFixture(`tables: [{ table: ${table} }]`);
  const { topics, prefix } = fixture.config;
  const good = badEvents.flatMap((_, at) => sampleEvent({ id: at + 1000 }));
  const deleted = sampleEvent({ op: 'd', id: 7, version: 9000, before: row(7) });

  let running: RunningValidator;

  beforeAll(async () => {
    await fixture.open();
    running = await fixture.start();
  });
  afterAll(() => fixture.close());

  it('R10, R11: every bad input is a dead letter with its code, byte for byte; its neighbours pass in order', async () => {
    const mixed = badEvents.flatMap(([, , bad], at) => [good[at]!, bad]);
    await fixture.produce(mixed);
    const letters = await fixture.read(topics.deadLetters, badEvents.length);
    const passed = await fixture.read(topics.validated, good.length);

    expect(passed.map(bytes)).toEqual(good.map(bytes));
    expect(passed.every(({ partition }) => partition === 0)).toBe(true);
    expect(letters.map((letter, at) => [badEvents[at]![0], codeOf(letter)])).toEqual(
      badEvents.map(([what, code]) => [what, code]),
    );
    expect(letters.map(original)).toEqual(badEvents.map(([, , bad]) => bytes(bad)));
    const { headers } = letters[0]!;
    const text = (name: string) => headerText(headers, name);
    expect(
      [
        deadLetterHeader.stage,
        deadLetterHeader.topic,
        deadLetterHeader.partition,
        deadLetterHeader.offset,
        deadLetterHeader.attempts,
      ].map(text),
    ).toEqual(['validator', topics.changes, '0', '1', '1']);
    expect(text(deadLetterHeader.reason)).toBe('the value is no UTF-8 JSON text');
    expect(Date.now() - Date.parse(text(deadLetterHeader.at)!)).toBeLessThan(60_000);
  });

  it('R12: the offsets of all of them are committed, so that nothing comes twice', async () => {
    const admin = fixture.kafka.admin();
    await waitFor(async () => (await groupLag(admin, `${prefix}.validator`, topics.changes)).get(0) === 0n);
  });

  it('a delete is followed by its tombstone, with the same key and version', async () => {
    const before = good.length;
    await fixture.produce([deleted, sampleEvent({ id: 7, version: 9001 })], 0);
    const added = (await fixture.read(topics.validated, before + 3)).slice(before);
    const tombstone = { ...bytes(deleted), value: null, headers: { v: deleted.headers['v']!.toString() } };
    expect(added.map(bytes)).toEqual([
      bytes(deleted),
      tombstone,
      bytes(sampleEvent({ id: 7, version: 9001 })),
    ]);
  });

  it('control records and tombstones pass untouched, in the partition they came from', async () => {
    const { key, headers } = sampleEvent({ id: 3 });
    const control = {
      key: Buffer.from('sweep'),
      value: Buffer.from([0xff, 0x00]),
      headers: { control: Buffer.from('x') },
    };
    await fixture.produce([control, { key, value: null, headers }], 1);
    const added = (await fixture.read(topics.validated, good.length + 5)).filter(
      ({ partition }) => partition === 1,
    );
    expect(added.map(bytes)).toEqual([bytes(control), bytes({ key, value: null, headers })]);
  });

  it('R11: a record that the next topic cannot take is a dead letter, the rest of its batch passes', async () => {
    const admin = fixture.kafka.client.admin();
    await admin.connect();
    await admin.alterConfigs({
      validateOnly: false,
      resources: [
        { type: 2, name: topics.validated, configEntries: [{ name: 'max.message.bytes', value: '100000' }] },
      ],
    });
    await admin.disconnect();
    const large = sampleEvent({ id: 50, after: row(50, 'large', randomBytes(200_000).toString('hex')) });
    const [first, last] = [sampleEvent({ id: 49 }), sampleEvent({ id: 51 })];
    const [letters, passed] = [badEvents.length, good.length + 5];
    await fixture.produce([first, large, last], 1);
    const letter = (await fixture.read(topics.deadLetters, letters + 1)).at(-1)!;
    expect([codeOf(letter), original(letter)]).toEqual(['OVERSIZE', bytes(large)]);
    const added = (await fixture.read(topics.validated, passed + 2)).slice(-2);
    expect(added.map(bytes)).toEqual([first, last].map(bytes));
  });

  it('a batch of good events goes on as it stands; one with a delete or a bad event does not, and order stays', async () => {
    const events = (from: number) => Array.from({ length: 40 }, (_, at) => sampleEvent({ id: from + at }));
    const [good1, withDelete, withBad, good2] = [events(5000), events(5100), events(5200), events(5300)];
    withDelete[7] = sampleEvent({ op: 'd', id: 5107 });
    withBad[9] = withHeader(withBad[9]!, 'crc', '00000000');
    const [letters, passed] = [badEvents.length + 1, good.length + 7];
    for (const batch of [good1, withDelete, withBad, good2]) await fixture.produce(batch, 1);
    const sent = [...good1, ...withDelete, ...withBad.filter((_, at) => at !== 9), ...good2];
    const added = (await fixture.read(topics.validated, passed + 160))
      .filter(({ partition }) => partition === 1)
      .slice(-160);
    expect(added.filter(({ value }) => value !== null).map(bytes)).toEqual(sent.map(bytes));
    expect(added.findIndex(({ value }) => value === null)).toBe(48);
    expect(codeOf((await fixture.read(topics.deadLetters, letters + 1)).at(-1)!)).toBe('CRC_MISMATCH');

    const sections = async (topic: string) => {
      const found: string[] = [];
      await readAll(fixture.kafka, topic, (partition, records) => {
        for (let at = 0; partition === 1 && at < records.length; at += 1) {
          const batch = fixture.publisher.wholeBatch(records, at);
          if (batch) found.push(batch.bytes.subarray(61).toString('base64'));
        }
      });
      return found;
    };
    const [before, after] = [await sections(topics.changes), await sections(topics.validated)];
    expect([0, 1, 2, 3].map((nth) => after.includes(before.at(nth - 4)!))).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  it('counts what became of the events; a table of a bad message makes no label', async () => {
    const metrics = await running.context.metrics.registry.metrics();
    const count = (of: string, outcome: string) =>
      Number(
        metrics.match(
          new RegExp(`tributary_events_total{stage="validator",table="${of}",outcome="${outcome}"} (\\d+)`),
        )?.[1],
      );
    expect(count(table, 'forwarded')).toBeGreaterThanOrEqual(good.length + 4);
    expect(count(table, 'dead_letter') + count('unknown', 'dead_letter')).toBeGreaterThanOrEqual(
      badEvents.length + 1,
    );
    expect(metrics).not.toContain('shop.other');
    expect(metrics).toMatch(/tributary_batch_duration_seconds_count{stage="validator"} [1-9]/);
  });
});

describe('validator with a faulty sync file', () => {
  const fixture = new ValidatorFixture(`tables: [{ table: ${table}, dto: OrderRow }]`);
  afterAll(() => fixture.close());

  it('R14: a DTO that nobody registered stops the start with one sentence', async () => {
    await expect(fixture.start()).rejects.toMatchObject({ kind: 'fatal', code: 'CONFIG' });
  });
});

describe('validators as a group', () => {
  const fixture = new ValidatorFixture(`tables: [{ table: ${table} }]`);
  const { topics } = fixture.config;
  beforeAll(() => fixture.open());
  afterAll(() => fixture.close());

  it('R3: each key keeps its order and nothing is lost while instances come and go', async () => {
    const versionsSent = new Map<string, string[]>();
    const batch = (from: number): SampleRecord[] =>
      Array.from({ length: 200 }, (_, at) => sampleEvent({ op: 'u', id: 1 + (at % 5), version: from + at }));
    const first = await fixture.start();
    let second = await fixture.start();
    for (let round = 0; round < 10; round += 1) {
      for (const partition of [0, 1]) {
        const records = batch(round * 1000 + partition * 500 + 1);
        for (const { key, headers } of records) {
          const place = `${partition}:${key.toString()}`;
          versionsSent.set(place, [...(versionsSent.get(place) ?? []), headers['v']!.toString()]);
        }
        await fixture.produce(records, partition);
      }
      if (round === 3) await first.stop();
      if (round === 6) {
        await second.stop();
        second = await fixture.start();
      }
    }
    const passed = await fixture.read(topics.validated, 4000);
    const versionsSeen = new Map<string, string[]>();
    for (const { partition, key, headers } of passed) {
      const place = `${partition}:${key!.toString()}`;
      const version = headerText(headers, 'v')!;
      const seen = versionsSeen.get(place) ?? [];
      versionsSeen.set(place, seen);
      // A batch that was not confirmed before a take-over comes again from its start: repeats are in order too.
      if (!seen.includes(version)) {
        expect(seen.length === 0 || seen.at(-1)! < version).toBe(true);
        seen.push(version);
      }
    }
    expect(versionsSeen).toEqual(versionsSent);
    expect(await fixture.read(topics.deadLetters, 0)).toEqual([]);
  });
});

describe('validator without Kafka', () => {
  const fixture = new ValidatorFixture(`tables: [{ table: ${table} }]`);
  const { topics } = fixture.config;
  beforeAll(() => fixture.open());
  afterAll(() => fixture.close());

  /** What passed, once all of these have. */
  const passedWith = (events: readonly SampleRecord[]) =>
    waitFor(
      async () => {
        const passed = (await fixture.read(topics.validated, events.length)).map(bytes);
        const holds = (event: SampleRecord) => passed.some((other) => isDeepStrictEqual(other, bytes(event)));
        return events.every(holds) && passed;
      },
      { timeoutMs: 60_000 },
    );

  it('R11: waits out an outage with readiness red, buries nothing for it and goes on where it was', async () => {
    const proxy = await fixture.proxy();
    const { context } = await fixture.start(proxy.address);
    const readiness = async () => (await context.health.readiness()).get('kafka');
    await fixture.produce([sampleEvent({ id: 1 })]);
    await fixture.read(topics.validated, 1);
    await waitFor(async () => (await readiness()) === null);

    proxy.cut({ refuse: true });
    const [, , bad] = badEvents.find(([, code]) => code === 'CRC_MISMATCH')!;
    await fixture.produce([sampleEvent({ id: 2 }), bad, sampleEvent({ id: 3 })]);
    const trouble = await waitFor(readiness, { timeoutMs: 60_000 });
    expect(trouble).toContain('Kafka');
    expect((await context.health.liveness()).get('progress')).toBeNull();

    proxy.accept();
    // What was not confirmed before the outage comes again (R12): a repeat is right, another record is not.
    const wanted = [1, 2, 3].map((id) => sampleEvent({ id }));
    for (const event of await passedWith(wanted)) expect(wanted.map(bytes)).toContainEqual(event);
    expect(new Set((await fixture.read(topics.deadLetters, 1)).map(codeOf))).toEqual(
      new Set(['CRC_MISMATCH']),
    );
    await waitFor(async () => (await readiness()) === null, { timeoutMs: 60_000 });
  });

  it('UNKNOWN_SCHEMA is no guess: a schema published just before its event is found', async () => {
    const newer = rowSchema({
      ...schema,
      columns: schema.columns.map((column) => ({ ...column, sqlType: 'newer' })),
    });
    const event = withHeader(sampleEvent({ id: 9 }), 'schema', newer.fingerprint);
    await new SchemaStore(fixture.kafka, topics.schemas, fixture.kafka.log).publish(fixture.publisher, newer);
    await fixture.produce([event], 1);
    await passedWith([event]);
  });
});
