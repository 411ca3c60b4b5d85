import type { Connection, LogEntry, WaitOptions } from '@tributary/capture';
import { parseSyncConfig } from '@tributary/sync-config';
import { BoundedLog } from './bounded-log';
import type { RelayContext } from './ports';

/** The server is asked for what these answer: entries by their ids, and waits. */
function logOf(ids: () => bigint[]) {
  const waits: WaitOptions[] = [];
  let now = 0;
  const config = parseSyncConfig('{ tables: [{ table: shop.t }] }');
  const context = { env: { config, mysqlUrl: 'mysql://nobody@127.0.0.1:1' } } as unknown as RelayContext;
  const log = new BoundedLog(
    context,
    { readBatch: async () => ids().map((id) => ({ id })) as LogEntry[] },
    { wait: async (of = {}) => void waits.push(of) },
    {} as Connection,
    () => now,
  );
  return { log, pass: (ms: number) => (now += ms), steps: () => waits.splice(0).map(({ step }) => step) };
}

describe('the log of a relay at rest', () => {
  it('is looked at less often once nothing was found for seconds, and as often as before after an entry', async () => {
    let found: bigint[] = [7n];
    const { log, pass, steps } = logOf(() => found);
    await log.readBatch(100, 1e6, []);
    found = [];
    for (const ms of [0, 1_900, 200, 7_800, 200, 60_000]) {
      pass(ms);
      await log.wait([], 1);
    }
    expect(steps()).toEqual([0.01, 0.01, 0.025, 0.025, 0.05, 0.05]);
    found = [8n];
    await log.readBatch(100, 1e6, []);
    await log.wait([], 1);
    expect(steps()).toEqual([0.01]);
  });
});
