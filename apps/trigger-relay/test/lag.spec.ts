import { loadsGroup, PipelineNotes } from '@tributary/topics';
import { openKafkaProxy, stackEnv, waitFor, type TcpProxy } from '@tributary/testing';
import { RelayFixture, type TestRelay } from './relay-fixture';

describe('the metrics of a relay', () => {
  const fixture = new RelayFixture(undefined, 2, ['other']);
  let kafka: TcpProxy;
  let relay: TestRelay;

  beforeAll(async () => {
    await fixture.open();
    kafka = await openKafkaProxy(stackEnv().KAFKA_BROKERS);
    relay = await fixture.start(undefined, undefined, kafka.address).untilLeading();
    await fixture.untilEqual();
  });
  afterAll(async () => {
    kafka.accept();
    await fixture.close();
    await kafka.close();
  });

  const lines = async (name: string) =>
    (await relay.context.metrics.registry.getSingleMetric(name)!.get()).values as {
      readonly labels: Readonly<Record<string, string>>;
      readonly value: number;
    }[];
  const lag = async (stage: string, table: string) =>
    (await lines('tributary_lag_seconds')).find(
      ({ labels }) => labels['stage'] === stage && labels['table'] === `${fixture.database}.${table}`,
    )?.value;

  it('the lag of a table rises while Kafka is away, that of others is 0, and it ends with the outage', async () => {
    await fixture.admin.query(`INSERT INTO t VALUES (1, 'a')`);
    await fixture.admin.query(`INSERT INTO other VALUES (1, 'a')`);
    await fixture.untilEqual();
    await waitFor(async () => (await lag('trigger-relay', 't')) === 0, { timeoutMs: 10_000 });
    kafka.cut({ refuse: true });
    await fixture.admin.query(`UPDATE t SET v = 'b'`);
    const seen: number[] = [];
    await waitFor(async () => seen.push((await lag('trigger-relay', 't')) ?? 0) > 0 && seen.at(-1)! > 5, {
      timeoutMs: 30_000,
      everyMs: 100,
    });
    const risen = seen.slice(seen.findIndex((seconds) => seconds > 1));
    // Ages at two looks are told by two clocks, and differ by what a query takes.
    risen.forEach((seconds, at) => expect(seconds).toBeGreaterThan((risen[at - 1] ?? 0) - 0.2));
    expect(await lag('trigger-relay', 'other')).toBe(0);
    kafka.accept();
    await waitFor(async () => (await lag('trigger-relay', 't')) === 0, { timeoutMs: 60_000 });
  });

  it('what waits of a paused table is late when it is resumed, and not before', async () => {
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const notes = new PipelineNotes(fixture.kafka, fixture.config.topics.notes, log);
    const note = { kind: 'paused', table: fixture.table, by: 'me', reason: '', at: '2026-11-29' } as const;
    await notes.put(fixture.publisher, note);
    await waitFor(async () => (await lines('tributary_paused')).length > 0, { timeoutMs: 20_000 });
    await fixture.admin.query(`UPDATE t SET v = 'c'`);
    await waitFor(async () => (await lines('tributary_parked_entries'))[0]?.value === 1, {
      timeoutMs: 20_000,
    });
    expect(await lag('trigger-relay', 't')).toBe(0);
    // It can be published, but not be taken away.
    const holder = await fixture.connection();
    await holder.query('BEGIN');
    await holder.query(`SELECT * FROM ${fixture.captureSchema}.parked_entry FOR UPDATE`);
    await notes.remove(fixture.publisher, note);
    await waitFor(async () => ((await lag('trigger-relay', 't')) ?? 0) > 1, { timeoutMs: 20_000 });
    expect(await lag('trigger-relay', 'other')).toBe(0);
    await holder.query('ROLLBACK');
    await waitFor(async () => (await lag('trigger-relay', 't')) === 0, { timeoutMs: 20_000 });
    await fixture.untilEqual();
    await notes.close();
  });

  it('tells of stages that do not run, and how long Kafka keeps what they have not confirmed', async () => {
    await waitFor(async () => ((await lag('validator', 't')) ?? 0) > 5, { timeoutMs: 30_000 });
    const group = `${fixture.prefix}.validator`;
    const admin = fixture.kafka.client.admin();
    await admin.connect();
    const { changes, loads: bulk } = fixture.config.topics;
    await fixture.publisher.send(bulk, [{ key: '{}', value: 'a bulk record', headers: {} }]);
    for (const [groupId, topic] of [
      [group, changes],
      [loadsGroup(group), bulk],
    ] as const)
      await admin.setOffsets({
        ...{ groupId, topic },
        partitions: [0, 1].map((partition) => ({ partition, offset: '0' })),
      });
    await admin.disconnect();
    await waitFor(async () => (await lines('tributary_retention_headroom_seconds')).length === 2, {
      timeoutMs: 30_000,
    });
    const [live, loads] = await lines('tributary_retention_headroom_seconds');
    for (const headroom of [live!, loads!]) {
      expect(headroom.value).toBeGreaterThan(7 * 86_400 - 300);
      expect(headroom.value).toBeLessThan(7 * 86_400);
    }
    expect([live!.labels, loads!.labels]).toEqual([{ group }, { group: loadsGroup(group) }]);
    const stages = (await lines('tributary_lag_seconds')).map(({ labels }) => labels['stage']);
    expect(stages).toContain('validator');
    expect(stages).not.toContain('validator-loads');
  });

  it('observes how old changes are when Kafka has them', async () => {
    const values = await lines('tributary_end_to_end_latency_seconds');
    const count = values.find(
      (line) =>
        'metricName' in line &&
        line.metricName === 'tributary_end_to_end_latency_seconds_count' &&
        line.labels['table'] === fixture.table,
    );
    expect(count?.value).toBeGreaterThanOrEqual(2);
  });

  it('R1: shows the drift of a table until it is mended, and for as long as it cannot be', async () => {
    const drift = async (table: string) =>
      (await lines('tributary_capture_drift')).find(
        ({ labels }) => labels['table'] === `${fixture.database}.${table}`,
      )?.value;
    await waitFor(async () => (await drift('t')) === 0, { timeoutMs: 20_000 });
    const [rows] = await fixture.admin.query(
      `SELECT trigger_name AS name FROM information_schema.triggers WHERE event_object_schema = ? AND event_object_table = 't'`,
      [fixture.database],
    );
    const [trigger] = rows as { name: string }[];
    // A trigger cannot be made while the table is in use.
    const user = await fixture.connection();
    await user.query('BEGIN');
    await fixture.admin.query(`DROP TRIGGER ${fixture.database}.${trigger!.name}`);
    await user.query('SELECT * FROM t');
    await waitFor(async () => (await drift('t')) === 1, { timeoutMs: 20_000 });
    expect(await drift('other')).toBe(0);
    await user.query('COMMIT');
    await waitFor(async () => (await drift('t')) === 0, { timeoutMs: 60_000 });
  });
});
