import { setTimeout as sleep } from 'node:timers/promises';
import { startServer, stopServer, type ServerName } from '@tributary/dev-stack';
import { oneOf } from '@tributary/testing';
import type { App } from '../support/service-process';
import { stack, type TroublePipeline } from './trouble-pipeline';

/** How long a server is away; `TRIBUTARY_OUTAGE_SECONDS=120` for a release. */
const outageMs = Number(process.env['TRIBUTARY_OUTAGE_SECONDS'] || 5) * 1000;

/** Servers that do not answer at all. */
export function outages(trouble: () => TroublePipeline): void {
  describe(`outages of ${outageMs / 1000} s`, () => {
    const feels: Record<'mongodb' | 'redis' | 'kafka' | 'mysql', App> = {
      mongodb: 'mongo-sink',
      redis: 'redis-sink',
      kafka: 'validator',
      mysql: 'trigger-relay',
    };
    type Server = keyof typeof feels;
    type How = 'stopped' | 'frozen';
    const away = (server: ServerName, how: How) =>
      stopServer(stack, server, how === 'frozen' ? 'SIGSTOP' : 'SIGTERM');
    const back = (server: ServerName, how: How) =>
      how === 'frozen' ? stopServer(stack, server, 'SIGCONT') : startServer(stack, server);

    const every: [Server, How][] = (Object.keys(feels) as Server[]).flatMap((server) => [
      [server, 'stopped'],
      [server, 'frozen'],
    ]);
    /** The short form breaks several servers at a time, so that `npm test` need not wait for each alone. */
    const rounds: [Server, How][][] =
      outageMs >= 60_000
        ? every.map((one) => [one])
        : oneOf<[Server, How][]>(
            [
              ['mongodb', 'stopped'],
              ['redis', 'frozen'],
              ['kafka', 'stopped'],
              ['mysql', 'frozen'],
            ],
            [
              ['mongodb', 'frozen'],
              ['redis', 'stopped'],
              ['kafka', 'frozen'],
              ['mysql', 'stopped'],
            ],
          );

    it.each(rounds.map((round) => [round.map((one) => one.join(' ')).join(', '), round] as const))(
      'R11: %s: readiness says so, liveness stays, nothing is lost and nothing becomes a dead letter',
      async (_name, round) => {
        const letters = await trouble().deadLetterRecords();
        await trouble().admin.query('UPDATE things SET n = n + 1');
        // In the source's absence nobody can change it; in that of the others changes go on.
        for (const [server, how] of round.filter(([name]) => name !== 'mysql')) await away(server, how);
        await trouble().admin.query('UPDATE things SET n = n + 1 WHERE id % 2 = 0');
        await trouble().admin.query('DELETE FROM things WHERE id > 3900 AND id % 3 = ?', [round.length % 3]);
        if (round.some(([server]) => server === 'mysql')) {
          const [, how] = round.find(([server]) => server === 'mysql')!;
          if (how === 'stopped') await trouble().admin.end();
          await away('mysql', how);
        }
        const began = Date.now();
        for (const [server] of round) await trouble().untilUnready(feels[server], /"status":"down"/);
        await sleep(Math.max(0, outageMs - (Date.now() - began)));
        await trouble().untilAllAlive();
        for (const [server, how] of round) await back(server, how);
        if (round.some(([server, how]) => server === 'mysql' && how === 'stopped'))
          await trouble().reconnect();
        await trouble().untilAllReady();
        await trouble().untilEqual(180_000);
        expect(await trouble().deadLetterRecords()).toBe(letters);
        expect([...trouble().services.values()].filter(({ exited }) => exited)).toEqual([]);
      },
    );
  });
}
