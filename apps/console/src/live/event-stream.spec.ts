import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Response } from '../http/express';
import { EventHub } from './event-hub';
import { EventStream } from './event-stream';

describe('a stream whose user may look no longer', () => {
  const hub = new EventHub();
  const server = createServer();
  afterAll(() => {
    hub.onModuleDestroy();
    server.closeAllConnections();
    server.close();
  });

  it('ends, is none of the streams any more, and takes what comes late without harm', async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const asked = get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
    const [, response] = (await once(server, 'request')) as [unknown, Response];
    const errors: unknown[] = [];
    response.on('error', (error) => errors.push(error));
    const stream = new EventStream('vera', response, async () => false);
    hub.add(stream, undefined);
    const [reader] = (await once(asked, 'response')) as [IncomingMessage];
    reader.resume();
    stream.end();
    // Its connection is still there.
    stream.write('late');
    stream.beat();
    await new Promise((resolve) => setImmediate(resolve));
    expect([errors, hub.streams]).toEqual([[], 0]);
    await once(reader, 'end');
  });
});
