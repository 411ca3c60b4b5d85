import { createConnection, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Answers what to forward; null drops the piece, as on a half-open connection. `up` is towards the server. */
export type Interceptor = (data: Buffer, direction: 'up' | 'down') => Buffer | null;

/** A TCP proxy for tests: forwards to a server until it is told to cut, to refuse or to swallow. */
export class TcpProxy {
  readonly #server: Server;
  readonly #pairs = new Set<Socket>();
  #refuse = false;
  #onData: Interceptor | undefined;

  private constructor(target: { host: string; port: number }) {
    this.#server = createServer((client) => {
      if (this.#refuse) return client.destroy();
      const upstream = createConnection(target);
      for (const [from, to, direction] of [
        [client, upstream, 'up'] as const,
        [upstream, client, 'down'] as const,
      ]) {
        this.#pairs.add(from);
        from.on('data', (data) => {
          const forwarded = this.#onData ? this.#onData(data, direction) : data;
          if (forwarded) to.write(forwarded);
        });
        from.on('error', () => to.destroy());
        from.on('close', () => {
          this.#pairs.delete(from);
          to.destroy();
        });
      }
    });
  }

  /** Listens on a free loopback port, or on `port`; `target` is `host:port`. */
  static async open(target: string, port = 0): Promise<TcpProxy> {
    const [host, targetPort] = target.split(':');
    const proxy = new TcpProxy({ host: host!, port: Number(targetPort) });
    await new Promise<void>((resolve) => proxy.#server.listen(port, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Sees and may change every piece of data, which is not cut at message boundaries. */
  intercept(onData: Interceptor | undefined): void {
    this.#onData = onData;
  }

  /** Breaks all connections; with `refuse`, new ones too until `accept`. */
  cut({ refuse = false } = {}): void {
    this.#refuse = refuse;
    for (const socket of this.#pairs) socket.destroy();
  }

  accept(): void {
    this.#refuse = false;
  }

  async close(): Promise<void> {
    this.cut({ refuse: true });
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
