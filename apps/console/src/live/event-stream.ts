import type { Response } from '../http/express';

/** A reader who leaves so much unread is dropped; it may come back with the last event that it had. */
const MOST_UNREAD = 1 << 20;
/** How long what was written last may take to be read. */
const LINGER_MS = 5_000;

/** One client's stream of events. */
export class EventStream {
  #onEnd: (() => void) | undefined;

  /** `stillMay`: asked now and then whether its user may still look. */
  constructor(
    readonly user: string,
    private readonly response: Response,
    private readonly stillMay: () => Promise<boolean>,
  ) {
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // For proxies that would wait for more.
      'x-accel-buffering': 'no',
    });
    // Who has gone needs nothing any more.
    response.on('error', () => response.destroy());
    response.write('retry: 3000\n\n');
  }

  /** Told when it has ended, on either side; perhaps twice. */
  onEnd(listener: () => void): void {
    this.#onEnd = listener;
    this.response.once('close', listener);
  }

  write(text: string): void {
    if (this.response.writableEnded || this.response.destroyed) return;
    if (this.response.writableLength > MOST_UNREAD) this.response.destroy();
    else this.response.write(text);
  }

  beat(): void {
    this.write(': still here\n\n');
    this.stillMay().then(
      (may) => may || this.end(),
      () => this.end(),
    );
  }

  end(): void {
    this.response.end();
    this.#onEnd?.();
    // Who does not read would keep it open.
    setTimeout(() => this.response.destroy(), LINGER_MS).unref();
  }
}
