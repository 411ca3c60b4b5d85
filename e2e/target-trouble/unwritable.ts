import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '@tributary/testing';
import { stopServer } from '@tributary/dev-stack';
import { refuseWrites } from './not-primary';
import { dataFolder, startRedisWith } from './own-redis';
import { stack, type TroublePipeline } from './trouble-pipeline';

/** Servers that answer and take no writes. */
export function unwritableServers(trouble: () => TroublePipeline): void {
  describe('a server that cannot take writes now', () => {
    let lettersBefore: number;
    let n = 100_000;
    beforeAll(async () => {
      lettersBefore = await trouble().deadLetterRecords();
    });
    afterEach(async () => {
      await trouble().untilAllReady();
      expect(await trouble().deadLetterRecords()).toBe(lettersBefore);
      await trouble().untilAllAlive();
    });

    const config = (...settings: [string, string][]) => trouble().redis.config('SET', ...settings.flat());
    const blocker = () => join(dataFolder(stack, 'redis'), 'dump.rdb', 'in-the-way');

    it.each<[string, RegExp, () => Promise<unknown>, () => Promise<unknown>]>([
      ['OOM', /OOM/, () => config(['maxmemory', '1mb']), () => config(['maxmemory', '0'])],
      [
        'READONLY',
        /READONLY|read only replica/i,
        () => trouble().redis.replicaof('127.0.0.1', 1),
        () => trouble().redis.replicaof('NO', 'ONE'),
      ],
      [
        'MASTERDOWN',
        /MASTERDOWN|Link with MASTER/,
        async () => {
          await config(['replica-serve-stale-data', 'no']);
          await trouble().redis.replicaof('127.0.0.1', 1);
        },
        async () => {
          await trouble().redis.replicaof('NO', 'ONE');
          await config(['replica-serve-stale-data', 'yes']);
        },
      ],
      [
        'NOREPLICAS',
        /NOREPLICAS/,
        () => config(['min-replicas-to-write', '1']),
        () => config(['min-replicas-to-write', '0']),
      ],
      [
        'MISCONF',
        /MISCONF/,
        async () => {
          // A folder where the snapshot file belongs: even root cannot save there.
          mkdirSync(blocker(), { recursive: true });
          await config(['save', '3600 1']);
          await trouble().redis.bgsave();
          await waitFor(async () => /last_bgsave_status:err/.test(await trouble().redis.info('persistence')));
        },
        async () => {
          await config(['save', '']);
          rmSync(join(blocker(), '..'), { recursive: true });
        },
      ],
      [
        'BUSY',
        /BUSY/,
        async () => {
          await config(['busy-reply-threshold', '100']);
          void trouble()
            .redis.eval('while true do end', 0)
            .catch(() => undefined);
        },
        async () => {
          // No other command is answered now, so the client must not ask whether the server is ready.
          const killer = trouble().redis.duplicate({ enableReadyCheck: false });
          await killer.script('KILL');
          killer.disconnect();
        },
      ],
    ])('R11: Redis %s is waited for', async (_name, reason, begin, end) => {
      await begin();
      const value = (n += 1);
      await trouble().admin.query('UPDATE things SET n = ? WHERE id <= 5', [value]);
      await trouble().untilUnready('redis-sink', reason);
      await trouble().untilInMongo(5, { n: value });
      await end();
      for (let id = 1; id <= 5; id += 1) await trouble().untilInRedis(id, { n: String(value) });
    });

    it('R11: a Redis that still loads its data after a kill is waited for', async () => {
      await trouble().redis.bgrewriteaof();
      await waitFor(async () => /aof_rewrite_in_progress:0/.test(await trouble().redis.info('persistence')));
      await stopServer(stack, 'redis', 'SIGKILL');
      // Some 1,000 to 3,000 keys, five milliseconds each.
      const slowly = ['--key-load-delay', '5000', '--loading-process-events-interval-bytes', '1024'];
      await startRedisWith(stack, ...slowly);
      const value = (n += 1);
      await trouble().setN(1, value);
      await trouble().untilUnready('redis-sink', /LOADING|loading the dataset/);
      await trouble().untilInRedis(1, { n: String(value) });
    });

    it.each([
      ['no primary', { ok: 0, code: 10107, codeName: 'NotWritablePrimary', errmsg: 'not primary' }],
      [
        'no longer primary',
        { ok: 0, code: 13435, codeName: 'NotPrimaryNoSecondaryOk', errmsg: 'not primary' },
      ],
      [
        'stepping down in the middle of a bulk',
        {
          ...{ ok: 1, n: 0 },
          writeErrors: [{ index: 0, code: 11602, errmsg: 'operation was interrupted' }],
        },
      ],
    ])('R11: a MongoDB that is %s is waited for (answer given by a proxy)', async (_name, answer) => {
      trouble().mongoProxy.intercept(refuseWrites(answer));
      const value = (n += 1);
      await trouble().admin.query('UPDATE things SET n = ? WHERE id <= 5', [value]);
      await trouble().untilUnready('mongo-sink', /MongoDB does not take writes.*(not primary|interrupted)/);
      await trouble().untilInRedis(5, { n: String(value) });
      trouble().mongoProxy.intercept(undefined);
      for (let id = 1; id <= 5; id += 1) await trouble().untilInMongo(id, { n: value });
    });
  });
}
