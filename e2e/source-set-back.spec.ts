import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stackEnv, waitFor } from '@tributary/testing';
import { describeLong } from './support/flavours';
import { OwnMysql } from './support/own-mysql';
import { Pipeline } from './support/pipeline';
import { apps } from './support/service-process';

jest.setTimeout(300_000);

const rows = (from: number, count: number) => Array.from({ length: count }, (_, at) => [from + at, at]);

/** With each commit: libs/relay/test/epoch, apps/trigger-relay/test/identity and lost-tail. */
describeLong('a source whose data folder is set back while nobody looks', () => {
  let server: OwnMysql;
  let pipeline: Pipeline;
  beforeAll(async () => {
    server = await OwnMysql.start(mkdtempSync(join(tmpdir(), 'tributary-set-back-')));
    pipeline = new Pipeline({
      servers: { ...stackEnv(), MYSQL_URL: server.url, ADMIN_MYSQL_URL: server.url },
    });
    await pipeline.prepare(['CREATE TABLE things (id INT PRIMARY KEY, n INT)']);
  });
  afterAll(async () => {
    await pipeline?.stop();
    await server?.remove();
  });

  /** The server, without the relay; the test's own connection is opened again. */
  async function restart(between: () => void): Promise<void> {
    await pipeline.services.get('trigger-relay')!.end('SIGTERM');
    pipeline.admin.destroy();
    await server.stop();
    between();
    await server.start();
    await pipeline.connect();
    await pipeline.admin.query(`USE \`${pipeline.database}\``);
  }

  it('R4: 60 other writes after 42 published ones that it lost all arrive, and no ghost stays', async () => {
    await pipeline.admin.query('INSERT INTO things VALUES ?', [rows(1, 30)]);
    await pipeline.startAll();
    await pipeline.untilEqual();
    await restart(() => server.keep());
    await pipeline.start('trigger-relay');
    await pipeline.admin.query('INSERT INTO things VALUES ?', [rows(100, 30)]);
    await pipeline.admin.query('UPDATE things SET n = -1 WHERE id <= 11');
    await pipeline.admin.query('DELETE FROM things WHERE id = 12');
    await pipeline.untilEqual();
    await restart(() => server.setBack());
    await pipeline.admin.query('INSERT INTO things VALUES ?', [rows(120, 50)]);
    await pipeline.admin.query('UPDATE things SET n = n + 1000 WHERE id > 10 AND id <= 20');
    const relay = await pipeline.start('trigger-relay');
    await pipeline.untilEqual();
    expect(await pipeline.collection('things').findOne({ _id: 105 as never })).toBeNull();
    expect(await pipeline.redis.exists(`${pipeline.database}:things:105`)).toBe(0);
    expect(relay.events('epoch-raised')).toContainEqual(expect.objectContaining({ level: 'error' }));
    // On a busy machine no server may answer it in time.
    const status = () => pipeline.json<{ identity: object }>('status').catch(() => undefined);
    const { result } = await waitFor(status, { timeoutMs: 60_000 });
    expect(result.identity).toMatchObject({
      ...{ pipeline: expect.stringMatching(/^[0-9a-f]{32}$/) as string, epoch: 2 },
      raised: { reason: expect.stringMatching(/lost its last transactions/) as string },
    });
    expect(apps.map((app) => pipeline.services.get(app)!.exited)).toEqual(apps.map(() => false));
  });
});
