import { uninstallCapture } from '@tributary/capture';
import { header, MAX_EPOCH } from '@tributary/contract';
import type { IdentityNote } from '@tributary/topics';
import { waitFor } from '@tributary/testing';
import { RelayBench } from './relay-bench';

const at = '2026-11-28T00:00:00Z';

describe('whose versions the relay gives', () => {
  let bench: RelayBench;
  beforeEach(async () => {
    bench = new RelayBench();
    await bench.open();
    await bench.admin.query(`INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')`);
  });
  afterEach(() => bench.close());

  async function publishAll() {
    const relay = await bench.start().untilLeading();
    await bench.untilEqual();
    const { identity } = relay;
    await bench.stopAll();
    return identity!;
  }
  const identityNote = async (): Promise<IdentityNote | undefined> => {
    const notes = await bench.notes();
    await notes.close();
    return notes.identity;
  };

  it('R4: KafkajsTransport is told before the first event, and a demand of a target is obeyed while it leads', async () => {
    const relay = await bench.start().untilLeading();
    await bench.untilEqual();
    const first = relay.identity!;
    expect(await identityNote()).toMatchObject({
      ...{ pipeline: first.pipeline, incarnation: first.incarnation, epoch: 1 },
      name: bench.prefix,
      kind: 'identity',
    });
    const notes = await bench.notes();
    await notes.put(bench.publisher, {
      kind: 'epoch-above',
      app: 'a',
      epoch: 0,
      reason: 'Obeyed already.',
      at,
    });
    await notes.put(bench.publisher, {
      kind: 'epoch-above',
      app: 'b',
      epoch: MAX_EPOCH,
      reason: 'Too high.',
      at,
    });
    await notes.put(bench.publisher, { kind: 'load', app: 'a', table: bench.table, reason: 'It asks.', at });
    await waitFor(async () => (await bench.jobs()).length === 2, { timeoutMs: 20_000 });
    await bench.untilEqual();
    await waitFor(() => relay.events('epoch-refused').length > 0, { timeoutMs: 20_000 });
    await waitFor(async () => (await notes.refresh(), notes.of('load').length === 0), { timeoutMs: 20_000 });
    expect(relay.identity).toEqual(first);

    await notes.put(bench.publisher, {
      kind: 'epoch-above',
      app: 'a',
      epoch: 40,
      reason: 'Foreign rows.',
      at,
    });
    await waitFor(() => relay.identity?.epoch === 41, { timeoutMs: 30_000 });
    await notes.close();
    await waitFor(async () => (await bench.jobs()).length === 3, { timeoutMs: 20_000 });
    await bench.untilEqual();
    const second = relay.identity!;
    expect([second.pipeline, second.incarnation === first.incarnation]).toEqual([first.pipeline, false]);
    expect(await identityNote()).toMatchObject({ epoch: 41, incarnation: second.incarnation });
    expect(relay.events('epoch-raised')).toMatchObject([
      { level: 'error', msg: expect.stringMatching(/a asks for it: Foreign rows/) as string },
    ]);
    expect((await relay.context.health.readiness()).get('mysql')).toBeNull();
  });

  it('R4: capture that is installed anew goes on as the same pipeline, above all that it gave before', async () => {
    const first = await publishAll();
    await uninstallCapture(bench.admin, { captureSchema: bench.captureSchema }, { all: true });
    await bench.admin.query(`UPDATE t SET v = 'anew' WHERE id = 1`);
    await bench.admin.query('DELETE FROM t WHERE id = 2');
    const second = await publishAll();
    expect([second.pipeline, second.epoch]).toEqual([first.pipeline, 2]);
    expect(second.incarnation).not.toBe(first.incarnation);
  });

  it.each([
    ['all topics', ['changes', 'validated', 'deadLetters', 'schemas', 'heartbeats', 'notes']],
    ['the topic of changes', ['changes']],
  ] as const)('R12: when Kafka lost %s everything is loaded again, loudly', async (_what, names) => {
    const first = await publishAll();
    await bench.kafka.admin().deleteTopics(names.map((name) => bench.config.topics[name]));
    const relay = await bench.start().untilLeading();
    await bench.untilEqual();
    expect(relay.identity).toMatchObject({ pipeline: first.pipeline, epoch: 2 });
    expect(relay.events('epoch-raised')).toMatchObject([{ level: 'error' }]);
    expect(await identityNote()).toMatchObject({ epoch: 2, incarnation: relay.identity!.incarnation });
  });

  it('R4: of two relays that read different logs one refuses to take the topics from the other', async () => {
    const first = await bench.start().untilLeading();
    await waitFor(async () => (await identityNote()) !== undefined);
    // One heartbeat, so that the other can see who leads.
    await waitFor(async () => (await bench.records('heartbeats')) > 1, { timeoutMs: 20_000 });
    const other = bench.start(`${bench.captureSchema}_x`);
    const refusal = await waitFor(() => other.lines.find(({ code }) => code === 'FOREIGN_LEADER'), {
      timeoutMs: 30_000,
    });
    expect(refusal).toMatchObject({
      level: 'error',
      msg: expect.stringContaining(`${bench.prefix}; this one, of ${bench.captureSchema}_x,`) as string,
    });
    expect([first.role, other.role === 'leader', first.identity?.epoch]).toEqual(['leader', false, 1]);
    await first.stop();
    await other.untilLeading();
    expect(other.identity?.epoch).toBe(2);
  });

  it('R4: what is no version stops no relay, and uses up no epoch', async () => {
    await publishAll();
    const odd = [
      'letters',
      '1',
      '-000000000000000001',
      '9223000000000000001',
      '0001',
      `${MAX_EPOCH}000000000000001`,
      '',
    ];
    const { changes } = bench.config.topics;
    await bench.publisher.send(
      changes,
      odd.map((v) => ({ key: `k${v}`, value: '{}', headers: { [header.version]: v } })),
    );
    await bench.publisher.send(changes, [{ key: 'none', value: 'no json' }]);
    const relay = await bench.start().untilLeading();
    expect(relay.identity?.epoch).toBe(1);
    expect(relay.events('odd-versions')).toMatchObject([{ level: 'warn', records: odd.length + 1 }]);
    await bench.admin.query(`UPDATE t SET v = 'goes on'`);
    await waitFor(async () => (await bench.log()) === 0, { timeoutMs: 20_000 });
    await bench.stopAll();
    const [pipeline, incarnation] = ['e'.repeat(32), 'f'.repeat(32)] as const;
    const forged = { kind: 'identity', pipeline, incarnation, epoch: MAX_EPOCH, name: 'n', at } as const;
    const notes = await bench.notes();
    await notes.put(bench.publisher, forged);
    await notes.close();
    const next = await bench.start().untilLeading();
    expect(next.identity?.epoch).toBe(2);
  });

  it('R4: versions that are well formed and not ours are stood above; a replayed one is not', async () => {
    await publishAll();
    await bench.admin.query(`UPDATE t SET v = 'more'`);
    await publishAll();
    const { changes } = bench.config.topics;
    const [replayed] = await bench.lastRecords(1);
    await bench.publisher.send(changes, [replayed!]);
    const calm = await bench.start().untilLeading();
    expect(calm.identity?.epoch).toBe(1);
    await bench.stopAll();
    await bench.publisher.send(changes, [
      { key: 'other', value: null, headers: { [header.version]: '0007000000000000001' } },
    ]);
    const relay = await bench.start().untilLeading();
    expect(relay.identity?.epoch).toBe(8);
  });
});
