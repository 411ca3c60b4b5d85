import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeToken } from '@tributary/console-access';
import { waitFor } from '@tributary/testing';
import { EventHub } from '../../src/live/event-hub';
import { EventReader } from '../support/event-reader';
import type { AttackedConsole } from './attacked-console';

/** Taking all there is for oneself. */
export function exhaustion(attack: AttackedConsole): void {
  const { sealer } = attack;

  it('cannot hold a connection with a request that never ends', async () => {
    const { headersTimeout, requestTimeout, maxConnections } = attack.server.app.getHttpServer();
    expect([headersTimeout, requestTimeout, maxConnections]).toEqual([10_000, 20_000, 1_000]);
    const { hostname, port } = new URL(attack.server.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      'POST /api/v1/session HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{',
    );
    socket.on('error', () => undefined).resume();
    // Node.js looks at its connections every 30 s.
    await once(socket, 'close');
  }, 90_000);

  it('opens no streams without end: ten of a user', async () => {
    const readers = await Promise.all(Array.from({ length: 10 }, () => EventReader.open(attack.viewer)));
    await expect(EventReader.open(attack.viewer)).rejects.toThrow('429');
    const other = await EventReader.open(attack.browser);
    readers[0]!.close();
    await waitFor(async () => {
      const again = await EventReader.open(attack.viewer).catch(() => undefined);
      again?.close();
      return again !== undefined;
    });
    for (const reader of [...readers, other]) reader.close();
  });

  it('who leaves while it is being recognised keeps no stream open', async () => {
    const hub = attack.server.app.get(EventHub);
    await waitFor(() => hub.streams === 0);
    const { hostname, port } = new URL(attack.server.url);
    const { authorization } = attack.viewer.headers;
    for (let at = 0; at < 20; at += 1) {
      const socket = connect(Number(port), hostname).on('error', () => undefined);
      const asked = `GET /api/v1/events HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\n\r\n`;
      socket.write(asked, () => socket.resetAndDestroy());
    }
    await sleep(500);
    expect(hub.streams).toBe(0);
  });

  it('has no more than six questions worked on at once, and keeps nobody else from asking', async () => {
    const many = Array.from({ length: 40 }, () => attack.viewer.problem('deadLetters'));
    const [other] = await Promise.all([attack.browser.call('deadLetters'), ...many]);
    expect(other.status).toBe(200);
    const statuses = (await Promise.all(many)).map(([status]) => status);
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(0);
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
  });

  it('fills no audit topic with refused calls', async () => {
    const vandal = attack.server.withToken(await makeToken(sealer, { name: 'vandal', role: 'viewer' }, 1));
    for (let at = 0; at < 30; at += 1)
      expect(await vandal.problem('startSnapshots', { body: {} })).toEqual([403, 'ROLE']);
    const { entries } = await attack.viewer.done('audit', { query: { limit: 1_000 } });
    expect(entries.filter(({ who }) => who === 'vandal')).toHaveLength(10);
    const before = entries[4]!.id;
    const { entries: older } = await attack.viewer.done('audit', { query: { limit: 3, before } });
    expect(older).toEqual(entries.slice(5, 8));
  });

  it('who does not read a stream is dropped, and nobody else', async () => {
    const hub = attack.server.app.get(EventHub);
    await waitFor(() => hub.streams === 0);
    const reader = await EventReader.open(attack.browser);
    const { hostname, port } = new URL(attack.server.url);
    const socket = connect(Number(port), hostname).on('error', () => undefined);
    const { authorization } = attack.viewer.headers;
    socket.write(`GET /api/v1/events HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\n\r\n`);
    await waitFor(() => hub.streams === 2);
    const entry = {
      id: '1',
      at: '',
      who: 'x',
      role: 'x',
      from: 'x',
      action: 'x',
      input: {},
      reason: null,
    } as const;
    const large = { ...entry, outcome: 'done', detail: 'x'.repeat(100_000) };
    // The system's own buffers take some megabytes first.
    await waitFor(
      () => {
        for (let times = 0; times < 5; times += 1) hub.publish('audit', large);
        return hub.streams === 1;
      },
      { timeoutMs: 30_000 },
    );
    expect(reader.ended).toBe(false);
    reader.close();
    socket.destroy();
  });
}
