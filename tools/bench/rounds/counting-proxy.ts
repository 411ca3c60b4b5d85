import { createConnection, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Bytes of one connection, in order; answers the names of the requests that have become whole. */
export type Requests = (data: Buffer) => string[];

/** Changes what the server answers, e.g. its own address in it. */
export type Answer = (data: Buffer) => Buffer;

/** A proxy in front of one server that counts the requests which pass, by name. */
export class CountingProxy {
  readonly counts = new Map<string, number>();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(target: { host: string; port: number }, reader: () => Requests, answer: () => Answer) {
    this.#server = createServer((client) => {
      const upstream = createConnection(target);
      const [requests, answers] = [reader(), answer()];
      for (const socket of [client, upstream]) {
        socket.setNoDelay(true);
        this.#sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          this.#sockets.delete(socket);
          for (const other of [client, upstream]) other.destroy();
        });
      }
      client.on('data', (data) => {
        for (const name of requests(data)) this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
        upstream.write(data);
      });
      upstream.on('data', (data) => client.write(answers(data)));
    });
  }

  /** `answer` is told the port of the proxy. */
  static async open(
    address: string,
    reader: () => Requests,
    answer: (port: number) => Answer = () => (data) => data,
  ): Promise<CountingProxy> {
    const [host, port] = address.split(':');
    const proxy: CountingProxy = new CountingProxy({ host: host!, port: Number(port) }, reader, () =>
      answer(proxy.port),
    );
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
