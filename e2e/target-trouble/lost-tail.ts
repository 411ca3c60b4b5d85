import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '@tributary/testing';
import { startServer, stopServer } from '@tributary/dev-stack';
import type { App } from '../support/service-process';
import { dataFolder, startRedisWith } from './own-redis';
import { stack, type TroublePipeline } from './trouble-pipeline';

/** Targets that were restored from a copy of before. */
export function lostTail(trouble: () => TroublePipeline): void {
  describe('a target that lost its last seconds', () => {
    const folders = () => ({ redis: dataFolder(stack, 'redis'), mongodb: dataFolder(stack, 'mongodb') });
    const kept = () => join(trouble().folder, 'kept');

    it('R12: Redis and MongoDB restored from older copies heal by themselves', async () => {
      const { redis, mongodb } = folders();
      await trouble().redis.save();
      cpSync(join(redis, 'dump.rdb'), join(kept(), 'dump.rdb'));
      await stopServer(stack, 'mongodb');
      cpSync(mongodb, join(kept(), 'mongodb'), { recursive: true });
      await startServer(stack, 'mongodb');

      await trouble().admin.query('UPDATE things SET n = n + 7 WHERE id <= 500');
      await trouble().admin.query('DELETE FROM things WHERE id BETWEEN 501 AND 520');
      await trouble().insertThings(5001);
      await trouble().untilEqual();
      const lost = (app: App) => trouble().services.get(app)!.events('target-lost-tail').length > 0;

      await Promise.all([stopServer(stack, 'mongodb'), stopServer(stack, 'redis')]);
      rmSync(mongodb, { recursive: true });
      cpSync(join(kept(), 'mongodb'), mongodb, { recursive: true });
      for (const file of ['appendonlydir', 'dump.rdb']) rmSync(join(redis, file), { recursive: true });
      cpSync(join(kept(), 'dump.rdb'), join(redis, 'dump.rdb'));
      // Redis reads a snapshot file only where no append-only file is asked for.
      await startRedisWith(stack, '--appendonly', 'no');
      await startServer(stack, 'mongodb');
      await waitFor(() => trouble().redis.config('SET', 'appendonly', 'yes'), { timeoutMs: 30_000 });

      for (const app of ['mongo-sink', 'redis-sink'] as const)
        await waitFor(() => lost(app), { timeoutMs: 60_000, everyMs: 500 });
      await trouble().untilAllReady();
      await trouble().untilEqual();
      await trouble().connectMongo();
      expect(
        await trouble()
          .collection('things')
          .findOne({ _id: 501 as never }),
      ).toBeNull();
      expect(await trouble().redis.exists(`${trouble().database}:things:5001`)).toBe(1);
    });
  });
}
