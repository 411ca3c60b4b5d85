import type { AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import { parseSyncConfig } from '@tributary/sync-config';
import type { ServiceEnv } from '@tributary/service';
import type { TableReport } from '@tributary/verify';
import { serveMetrics } from './metrics-app';

const env: ServiceEnv = {
  ...{ kafka: { brokers: [] }, mysqlUrl: '', targets: {} },
  ...{ config: parseSyncConfig('tables: [{ table: a.b }]'), configPath: 'sync.yaml' },
  ...{ port: 3000, host: '127.0.0.1', logLevel: 'info' },
};
const report: TableReport = {
  ...{ table: 'a.b', target: 'mongo' as const, rows: 10, equal: 7, missing: 2, extra: 1, different: 0 },
  ...{ stale: 0, index: 0, unsettled: 1, repaired: 2, notRepaired: 1, seconds: 1 },
};

describe('the metrics of a verification that goes on', () => {
  it('are served beside /health and what every service serves', async () => {
    const app = await serveMetrics(env, 0);
    try {
      expect(app.url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*\/metrics$/);
      app.metrics.ran({ reports: [report], seconds: 2, examples: [], repairs: {}, suspended: [] });
      app.metrics.failed();
      const text = await (await fetch(app.url)).text();
      for (const line of [
        'tributary_verify_rows_total{table="a.b",target="mongo"} 10',
        'tributary_verify_differences{table="a.b",target="mongo",kind="missing"} 2',
        'tributary_verify_differences_left{table="a.b",target="mongo"} 1',
        'tributary_verify_unsettled{table="a.b",target="mongo"} 1',
        'tributary_verify_passes_total{outcome="different"} 1',
        'tributary_verify_passes_total{outcome="failed"} 1',
        'tributary_verify_last_pass_duration_seconds 2',
      ])
        expect(text.split('\n')).toContain(line);
      expect(text).toMatch(/^tributary_verify_last_pass_timestamp_seconds \d{10}/m);
      const get = async (path: string) => {
        const answer = await fetch(new URL(path, app.url));
        return [answer.status, await answer.text()];
      };
      expect(await get('/health')).toEqual([200, '{"status":"ok"}\n']);
      expect((await get('/health/live'))[0]).toBe(200);
      expect((await get('/none'))[0]).toBe(404);
    } finally {
      await app.close();
    }
    await expect(fetch(app.url)).rejects.toThrow();
  });

  it('a port that is taken is told in one sentence', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    await expect(serveMetrics(env, port)).rejects.toMatchObject({
      ...{ kind: 'fatal', code: 'PORT' },
      message: expect.stringMatching(
        /^The port \d+ cannot be had \(.*EADDRINUSE.*\): choose another --port\.$/,
      ),
    });
    taken.close();
  });
});
