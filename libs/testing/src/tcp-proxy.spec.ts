import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { TcpProxy } from './tcp-proxy';

describe('TcpProxy', () => {
  let server: Server;
  let proxy: TcpProxy;
  let client: Socket;
  let received = '';
  const send = async (text: string, waitMs = 30) => {
    client.write(text);
    await sleep(waitMs);
  };

  beforeEach(async () => {
    received = '';
    server = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    proxy = await TcpProxy.open(`127.0.0.1:${(server.address() as AddressInfo).port}`);
    client = createConnection(proxy.port, '127.0.0.1');
    client.on('data', (data) => (received += String(data))).on('error', () => undefined);
    await once(client, 'connect');
  });
  afterEach(async () => {
    client.destroy();
    await proxy.close();
    server.close();
  });

  it('holds everything back in a stall, and lets it through afterwards', async () => {
    proxy.stall();
    await send('held');
    expect(received).toBe('');
    expect(client.destroyed).toBe(false);
    proxy.flow();
    await sleep(30);
    expect(received).toBe('held');
  });

  it('keeps the order when a delay ends', async () => {
    proxy.delay(60);
    await send('first ', 5);
    proxy.delay(0);
    await send('second', 20);
    expect(received).toBe('');
    await sleep(300);
    expect(received).toBe('first second');
  });

  it('cuts, refuses and accepts again', async () => {
    const closed = once(client, 'close');
    proxy.cut({ refuse: true });
    await closed;
    const refused = createConnection(proxy.port, '127.0.0.1').on('error', () => undefined);
    await once(refused, 'close');
    proxy.accept();
    client = createConnection(proxy.port, '127.0.0.1');
    client.on('data', (data) => (received += String(data)));
    await send('again', 60);
    expect(received).toBe('again');
  });
});
