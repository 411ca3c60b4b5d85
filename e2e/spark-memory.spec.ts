import { readFileSync } from 'node:fs';
import { sparkRemote } from '@tributary/testing';
import { bulkWorkers } from './spark/bulk-workers';
import { describeLong } from './support/flavours';
import { Pipeline } from './support/pipeline';

jest.setTimeout(600_000);

const ROWS = 6;
/** 15 MiB, and what a document holds beside it. */
const BYTES = 15 * 2 ** 20;
/** MB (10^6 bytes): what the executors' memory overhead is sized for (docs/spark.md). */
const LIMIT_MB = 300;
const LOOK_MS = 50;

/** The most that workers had resident, while `work` goes on. */
async function peakOf(syncFile: string, work: Promise<unknown>): Promise<number> {
  let peak = 0;
  let over = false;
  void work.finally(() => (over = true)).catch(() => undefined);
  while (!over) {
    for (const { pid } of await bulkWorkers(syncFile)) peak = Math.max(peak, highWaterMb(pid));
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  await work;
  return peak;
}

function highWaterMb(pid: number): number {
  try {
    const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return (Number(kibibytes ?? 0) * 1024) / 1e6;
  } catch {
    // It has ended meanwhile.
    return 0;
  }
}

describeLong('R13: workers of Spark with rows of 15 MiB', () => {
  const pipeline = new Pipeline();

  beforeAll(async () => {
    pipeline.setEnv({ SPARK_REMOTE: await sparkRemote() });
    await pipeline.prepare(['CREATE TABLE huge (id INT PRIMARY KEY, body LONGBLOB, note LONGTEXT)']);
    for (let id = 0; id < ROWS; id += 1)
      await pipeline.admin.query(
        id % 2 === 0
          ? `INSERT INTO huge VALUES (${id}, REPEAT(x'00ff10', ${BYTES / 3}), NULL)`
          : `INSERT INTO huge VALUES (${id}, NULL, REPEAT('aé😀', ${Math.floor(BYTES / 7)}))`,
      );
    await pipeline.startAll();
    await pipeline.untilEqual(180_000);
  });
  afterAll(() => pipeline.stop());

  it.each([
    ['load', ['snapshot', 'start', '--engine', 'spark', '--range-rows', '6']],
    ['load --via direct', ['snapshot', 'start', '--engine', 'spark', '--via', 'direct']],
    ['verify', ['verify', '--engine', 'spark']],
  ])('%s: none holds more than that', async (_what, args) => {
    const work = pipeline.json(...args);
    const peak = await peakOf(pipeline.syncFile, work);
    expect((await work).code).toBe(0);
    expect(peak).toBeGreaterThan(50);
    expect(peak).toBeLessThan(LIMIT_MB);
    await pipeline.untilEqual(180_000);
  });
});
