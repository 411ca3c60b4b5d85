import { createConnection, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Answers what to forward; null drops the piece, as on a half-open connection. `up` is towards the server. */
export type Interceptor = (data: Buffer, direction: 'up' | 'down') => Buffer | null;

/** A TCP proxy for tests: forwards to a server until it is told to cut, to refuse, to delay, to stall or to swallow. */
export class TcpProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #refuse = false;
  #stalled = false;
  #delayMs = 0;
  #onData: Interceptor | undefined;

  private constructor(target: { host: string; port: number }) {
    this.#server = createServer((client) => {
      if (this.#refuse) return client.destroy();
      const upstream = createConnection(target);
      this.#forward(client, upstream, 'up');
      this.#forward(upstream, client, 'down');
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
    for (const socket of this.#sockets) socket.destroy();
  }

  accept(): void {
    this.#refuse = false;
  }

  /** Every piece of data arrives `ms` milliseconds late, in its order; 0 ends that. */
  delay(ms: number): void {
    this.#delayMs = ms;
  }

  /**
   * A half-open network: connections stay and new ones are accepted, but nothing passes, the end of a connection
   * included, until `flow`.
   */
  stall(): void {
    this.#stalled = true;
    for (const socket of this.#sockets) socket.pause();
  }

  /** Ends a stall; what was held back arrives now, late as after a healed partition. */
  flow(): void {
    this.#stalled = false;
    for (const socket of this.#sockets) socket.resume();
  }

  async close(): Promise<void> {
    this.cut({ refuse: true });
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #forward(from: Socket, to: Socket, direction: 'up' | 'down'): void {
    this.#sockets.add(from);
    // A piece must not overtake an earlier one after the delay was lowered: each timer writes the oldest that waits.
    const waiting: Buffer[] = [];
    let dueAt = 0;
    from.on('data', (data) => {
      const forwarded = this.#onData ? this.#onData(data, direction) : data;
      if (!forwarded) return;
      const now = performance.now();
      dueAt = Math.max(dueAt, now + this.#delayMs);
      if (dueAt <= now && waiting.length === 0) return void to.write(forwarded);
      waiting.push(forwarded);
      setTimeout(() => to.write(waiting.shift()!), dueAt - now);
    });
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
    if (this.#stalled) from.pause();
  }
}
