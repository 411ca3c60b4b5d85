import { differencesLeft, pipelineStatus, traceRow, type PauseState } from '@tributary/operations';
import { topicPlans } from '@tributary/topics';
import { long, waitFor } from '@tributary/testing';
import { readTail } from '@tributary/transport';
import { kafka, type CliPipeline } from './cli-pipeline';

interface Paused {
  paused: PauseState[];
  before: string[];
}
interface Verified {
  equal: boolean;
  suspended: { table: string; code: string; remedy: string }[];
  tables: unknown[];
}

/** A table that waits for an operator, in the relay and in one target, across restarts of all services. */
export function pause(pipeline: CliPipeline): void {
  const { name, run, cli } = pipeline;
  const table = `${name}.t`;
  const other = `${name}.u`;
  const held = async (collection: string, id: number) =>
    (
      await pipeline.mongo
        .getClient()
        .db(name)
        .collection<{ _id: number; s: string }>(collection)
        .findOne({ _id: id })
    )?.s;
  const inRedis = (id: number) => pipeline.redis.hget(`${table.replace('.', ':')}:${id}`, 's');
  const until = (work: () => Promise<unknown>) => waitFor(work, { timeoutMs: 30_000, everyMs: 100 });
  const verdict = (id: number) =>
    pipeline.operate(async (context) => {
      const look = { searchMs: 10_000, searchBytes: 1 << 26 };
      return (await traceRow(context, { table, key: [String(id)], ...look })).verdict;
    });
  const status = () =>
    pipeline.operate(async (context) =>
      (await pipelineStatus(context)).tables.find((one) => one.table === table),
    );
  const verify = (...more: string[]) => run<Verified>('verify', '--table', table, ...more);
  /** All services begin anew. */
  const restart = async () => {
    await pipeline.stopServices();
    pipeline.startServices();
  };
  const insert = (into: string, id: number, s: string) =>
    pipeline.admin.query(`INSERT INTO ${into} (id, n, s) VALUES (${id}, 1, '${s}')`);

  let lastId = 5_000;
  /** The first of so many ids that no row has, also when a test is tried again. */
  const freeIds = (count = 1) => (lastId += count) - count + 1;

  /** Inserts rows until the sink of MongoDB has seen the pause and leaves one out. */
  const untilLeftOut = async () => {
    await waitFor(
      async () => {
        const id = freeIds();
        await insert(table, id, 'one only');
        await until(async () => (await inRedis(id)) === 'one only');
        return (await held('t', id)) === undefined;
      },
      { timeoutMs: 60_000, everyMs: 500 },
    );
  };

  /** Whose clock the topic of validated events goes by. */
  const takeTimeOf = async (type: 'CreateTime' | 'LogAppendTime') => {
    const admin = kafka.client.admin();
    await admin.connect();
    const { topic, settings } = topicPlans(pipeline.config).find((plan) =>
      plan.topic.endsWith('.validated'),
    )!;
    const wanted = { ...settings, 'message.timestamp.type': type };
    const configEntries = Object.entries(wanted).map(([key, value]) => ({ name: key, value }));
    await admin.alterConfigs({ validateOnly: false, resources: [{ type: 2, name: topic, configEntries }] });
    await admin.disconnect();
  };

  /** An event of the table that the sink leaves out, and that came so many hours ago. */
  const leftOutLongAgo = async (hours: number) => {
    const { validated } = pipeline.config.topics;
    const events = await readTail(kafka, validated, 500);
    const { key, value, headers, partition } = events.findLast(
      (one) => one.value !== null && String(one.key).includes(`"${table}"`),
    )!;
    const producer = kafka.client.producer();
    await producer.connect();
    const timestamp = String(Date.now() - hours * 3_600_000);
    const again = { key, value, timestamp, headers: headers as Record<string, Buffer> };
    const send = (to: number) => producer.send({ topic: validated, messages: [{ ...again, partition: to }] });
    // What begins reads what is paused before its first event.
    await pipeline.stopServices();
    await takeTimeOf('CreateTime');
    // The broker does so a moment later: until then the other of the two partitions gets an event of now.
    await until(async () => (await send(1 - partition))[0]!.logAppendTime === '-1');
    await send(partition);
    await takeTimeOf('LogAppendTime');
    pipeline.startServices();
    await producer.disconnect();
    await until(() =>
      pipeline.operate(async (context) =>
        (await pipelineStatus(context)).stages.every(({ lagEvents }) => lagEvents === 0),
      ),
    );
  };

  it('pause: its changes wait, also for services that begin anew, and those of another table go on', async () => {
    const { result } = await run<Paused>('pause', '--table', table, '--reason', 'a test');
    expect(result.paused).toMatchObject([{ table, target: null, reason: 'a test', waiting: { entries: 0 } }]);
    expect(result.paused[0]!.by).toMatch(/^.+@.+$/);
    expect((await run<Paused>('pause', '--table', table)).result.before).toEqual([table]);
    await waitFor(
      async () => {
        await pipeline.admin.query(`UPDATE ${table} SET s = CONCAT(s, '.') WHERE id = 0`);
        return ((await status())?.paused[0]?.waiting?.entries ?? 0) > 0;
      },
      { timeoutMs: 30_000, everyMs: 300 },
    );
    await insert(table, 800, 'waits');
    await insert(other, 800, 'goes on');
    await until(async () => (await held('u', 800)) === 'goes on');
    await restart();
    await insert(other, 801, 'goes on');
    await insert(table, 801, 'waits');
    await until(async () => (await held('u', 801)) === 'goes on');
    expect([await held('t', 800), await held('t', 801), await inRedis(800)]).toEqual([
      undefined,
      undefined,
      null,
    ]);
    const state = await status();
    expect(state).toMatchObject({
      state: 'suspended',
      suspensions: [{ code: 'PAUSED', stage: 'trigger-relay' }],
    });
    expect(state!.paused[0]!.waiting!.entries).toBeGreaterThanOrEqual(3);
    expect(await verdict(800)).toMatchObject({
      code: 'PAUSED',
      next: expect.stringContaining(`tributary resume --table ${table}`),
    });
    const { code, result: verified } = await verify();
    expect([code, verified.suspended.map((one) => [one.table, one.code])]).toEqual([1, [[table, 'PAUSED']]]);
    expect((await cli('status')).out).toMatch(new RegExp(`${table} +paused`));
  }, 120_000);

  it('resume: what waited comes in order, and both targets equal the source', async () => {
    const { result } = await run<{ resumed: PauseState[] }>('resume', '--table', table);
    expect(result.resumed[0]!.waiting!.entries).toBeGreaterThanOrEqual(3);
    await until(async () => (await held('t', 801)) === 'waits' && (await inRedis(801)) === 'waits');
    await until(async () => (await verdict(801)).code === 'IN_SYNC');
    expect((await verify()).code).toBe(0);
    const { code, err } = await cli('resume', '--table', table);
    expect([code, err]).toEqual([1, expect.stringContaining('is not paused')]);
  }, 120_000);

  it('pause --target: the other target goes on, and resumed the one lacks nothing', async () => {
    const { result } = await run<Paused>('pause', '--table', table, '--target', 'mongo');
    expect(result.paused).toMatchObject([{ table, target: 'mongo', waiting: null }]);
    // Seven days of retention.
    expect(result.paused[0]!.hoursLeft).toBeGreaterThan(167);
    await untilLeftOut();
    await pipeline.admin.query(`DELETE FROM ${table} WHERE id = 800`);
    await until(async () => (await inRedis(800)) === null);
    await restart();
    await insert(table, 899, 'one only');
    await until(async () => (await inRedis(899)) === 'one only');
    expect([await held('t', 800), await held('t', 899)]).toEqual(['waits', undefined]);
    // Its entry may be in the log for a moment after the target has it.
    await until(async () => (await verdict(899)).code === 'PAUSED');
    expect(await verdict(899)).toMatchObject({
      code: 'PAUSED',
      next: expect.stringContaining(`tributary resume --table ${table} --target mongo`),
    });
    expect((await verify('--target', 'redis')).code).toBe(0);
    expect((await verify()).code).toBe(1);
    await run('resume', '--table', table, '--target', 'mongo');
    // At every moment it is equal, or said to be behind: never different.
    await until(async () => {
      const { code, result: verified } = await verify();
      expect([code, verified.suspended.length]).toEqual(code === 0 ? [0, 0] : [1, 1]);
      return code === 0;
    });
    expect([await held('t', 800), await held('t', 899)]).toEqual([undefined, 'one only']);
  }, 180_000);

  // With each commit: libs/relay/test/pause.spec and libs/sink/test/paused-tables.spec.
  if (!long) return;

  it('verify in the moment of going back calls no row different: it names what it waits for, or waits', async () => {
    const count = 6_000;
    const first = freeIds(count);
    const inMongo = () =>
      pipeline.mongo
        .getClient()
        .db(name)
        .collection<{ _id: number }>('t')
        .countDocuments({ _id: { $gte: first, $lt: first + count } });
    await run('pause', '--table', table, '--target', 'mongo');
    await untilLeftOut();
    for (let id = first; id < first + count; id += 2_000)
      await pipeline.admin.query(`INSERT INTO ${table} (id, n, s) VALUES ?`, [
        Array.from({ length: 2_000 }, (_, at) => [id + at, 1, 'left out']),
      ]);
    await until(async () => (await inRedis(first + count - 1)) !== null);
    expect(await inMongo()).toBe(0);
    await run('resume', '--table', table, '--target', 'mongo');
    /** Of each verification what the target lacked when it began, and how it ended. */
    const runs: { lacked: number; differences: number; suspended: string[] }[] = [];
    while (runs.at(-1)?.lacked !== 0) {
      const lacked = count - (await inMongo());
      const result = await pipeline.verification({ patienceMs: 60_000, table, target: 'mongo' });
      const suspended = result.suspended.map(({ code }) => code);
      runs.push({ lacked, differences: differencesLeft(result), suspended });
    }
    expect(runs.filter(({ differences }) => differences > 0)).toEqual([]);
    // One at least began while the rows were on their way, and waited for them.
    expect(runs.filter(({ lacked, suspended }) => lacked > 0 && suspended.length === 0)).not.toEqual([]);
    expect(runs.flatMap(({ suspended }) => suspended).filter((code) => code !== 'PAUSED')).toEqual([]);
  }, 240_000);

  it('pause --target again before what was left out is read: its time counts from the first pause', async () => {
    const { result: first } = await run<Paused>('pause', '--table', table, '--target', 'mongo');
    expect(first.paused[0]!.hoursLeft).toBeGreaterThan(167);
    await leftOutLongAgo(100);
    const sink = pipeline.service('mongo-sink');
    sink.kill('SIGSTOP');
    try {
      await run('resume', '--table', table, '--target', 'mongo');
      const { out, err } = await cli('pause', '--table', table, '--target', 'mongo', '--json');
      expect(err).toBe('');
      const [again] = (JSON.parse(out) as Paused).paused;
      expect(again!.hoursLeft).toBeGreaterThan(60);
      expect(again!.hoursLeft).toBeLessThan(69);
      await run('resume', '--table', table, '--target', 'mongo');
    } finally {
      sink.kill('SIGCONT');
    }
    await until(async () => (await verify()).code === 0);
  }, 180_000);
}
