import { uninstallCapture } from '@tributary/capture';
import { header, MAX_EPOCH } from '@tributary/contract';
import type { IdentityNote } from '@tributary/topics';
import { waitFor } from '@tributary/testing';
import { RelayFixture } from './relay-fixture';

const at = '2026-11-28T00:00:00Z';

describe('whose versions the relay gives', () => {
  let fixture: RelayFixture;
  beforeEach(async () => {
    fixture = new RelayFixture();
    await fixture.open();
    await fixture.admin.query(`INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')`);
  });
  afterEach(() => fixture.close());

  async function publishAll() {
    const relay = await fixture.start().untilLeading();
    await fixture.untilEqual();
    const { identity } = relay;
    await fixture.stopAll();
    return identity!;
  }
  const identityNote = async (): Promise<IdentityNote | undefined> => {
    const notes = await fixture.notes();
    await notes.close();
    return notes.identity;
  };

  it('R4: Kafka is told before the first event, and a demand of a target is obeyed while it leads', async () => {
    const relay = await fixture.start().untilLeading();
    await fixture.untilEqual();
    const first = relay.identity!;
    expect(await identityNote()).toMatchObject({
      ...{ pipeline: first.pipeline, incarnation: first.incarnation, epoch: 1 },
      name: fixture.prefix,
      kind: 'identity',
    });
    const notes = await fixture.notes();
    await notes.put(fixture.publisher, {
      kind: 'epoch-above',
      app: 'a',
      epoch: 0,
      reason: 'Obeyed already.',
      at,
    });
    await notes.put(fixture.publisher, {
      kind: 'epoch-above',
      app: 'b',
      epoch: MAX_EPOCH,
      reason: 'Too high.',
      at,
    });
    await notes.put(fixture.publisher, {
      kind: 'load',
      app: 'a',
      table: fixture.table,
      reason: 'It asks.',
      at,
    });
    await waitFor(async () => (await fixture.jobs()).length === 2, { timeoutMs: 20_000 });
    await fixture.untilEqual();
    await waitFor(() => relay.events('epoch-refused').length > 0, { timeoutMs: 20_000 });
    await waitFor(async () => (await notes.refresh(), notes.of('load').length === 0), { timeoutMs: 20_000 });
    expect(relay.identity).toEqual(first);

    await notes.put(fixture.publisher, {
      kind: 'epoch-above',
      app: 'a',
      epoch: 40,
      reason: 'Foreign rows.',
      at,
    });
    await waitFor(() => relay.identity?.epoch === 41, { timeoutMs: 30_000 });
    await notes.close();
    await waitFor(async () => (await fixture.jobs()).length === 3, { timeoutMs: 20_000 });
    await fixture.untilEqual();
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
    await uninstallCapture(fixture.admin, { captureSchema: fixture.captureSchema }, { all: true });
    await fixture.admin.query(`UPDATE t SET v = 'anew' WHERE id = 1`);
    await fixture.admin.query('DELETE FROM t WHERE id = 2');
    const second = await publishAll();
    expect([second.pipeline, second.epoch]).toEqual([first.pipeline, 2]);
    expect(second.incarnation).not.toBe(first.incarnation);
  });

  it.each([
    ['all topics', ['changes', 'validated', 'deadLetters', 'schemas', 'heartbeats', 'notes']],
    ['the topic of changes', ['changes']],
  ] as const)('R12: when Kafka lost %s everything is loaded again, loudly', async (_what, names) => {
    const first = await publishAll();
    await fixture.kafka.admin().deleteTopics(names.map((name) => fixture.config.topics[name]));
    const relay = await fixture.start().untilLeading();
    await fixture.untilEqual();
    expect(relay.identity).toMatchObject({ pipeline: first.pipeline, epoch: 2 });
    expect(relay.events('epoch-raised')).toMatchObject([{ level: 'error' }]);
    expect(await identityNote()).toMatchObject({ epoch: 2, incarnation: relay.identity!.incarnation });
  });

  it('R4: of two relays that read different logs one refuses to take the topics from the other', async () => {
    const first = await fixture.start().untilLeading();
    await waitFor(async () => (await identityNote()) !== undefined);
    // One heartbeat, so that the other can see who leads.
    await waitFor(async () => (await fixture.records('heartbeats')) > 1, { timeoutMs: 20_000 });
    const other = fixture.start(`${fixture.captureSchema}_x`);
    const refusal = await waitFor(() => other.lines.find(({ code }) => code === 'FOREIGN_LEADER'), {
      timeoutMs: 30_000,
    });
    expect(refusal).toMatchObject({
      level: 'error',
      msg: expect.stringContaining(`${fixture.prefix}; this one, of ${fixture.captureSchema}_x,`) as string,
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
    const { changes } = fixture.config.topics;
    await fixture.publisher.send(
      changes,
      odd.map((v) => ({ key: `k${v}`, value: '{}', headers: { [header.version]: v } })),
    );
    await fixture.publisher.send(changes, [{ key: 'none', value: 'no json' }]);
    const relay = await fixture.start().untilLeading();
    expect(relay.identity?.epoch).toBe(1);
    expect(relay.events('odd-versions')).toMatchObject([{ level: 'warn', records: odd.length + 1 }]);
    await fixture.admin.query(`UPDATE t SET v = 'goes on'`);
    await waitFor(async () => (await fixture.log()) === 0, { timeoutMs: 20_000 });
    await fixture.stopAll();
    const [pipeline, incarnation] = ['e'.repeat(32), 'f'.repeat(32)] as const;
    const forged = { kind: 'identity', pipeline, incarnation, epoch: MAX_EPOCH, name: 'n', at } as const;
    const notes = await fixture.notes();
    await notes.put(fixture.publisher, forged);
    await notes.close();
    const next = await fixture.start().untilLeading();
    expect(next.identity?.epoch).toBe(2);
  });

  it('R4: versions that are well formed and not ours are stood above; a replayed one is not', async () => {
    await publishAll();
    await fixture.admin.query(`UPDATE t SET v = 'more'`);
    await publishAll();
    const { changes } = fixture.config.topics;
    const [replayed] = await fixture.lastRecords(1);
    await fixture.publisher.send(changes, [replayed!]);
    const calm = await fixture.start().untilLeading();
    expect(calm.identity?.epoch).toBe(1);
    await fixture.stopAll();
    await fixture.publisher.send(changes, [
      { key: 'other', value: null, headers: { [header.version]: '0007000000000000001' } },
    ]);
    const relay = await fixture.start().untilLeading();
    expect(relay.identity?.epoch).toBe(8);
  });
});
