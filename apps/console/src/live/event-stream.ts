import type { Response } from '../http/express';

/** A reader who leaves so much unread is dropped; it may come back with the last event that it had. */
const MOST_UNREAD = 1 << 20;

/** One client's stream of events. */
export class EventStream {
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
    response.write('retry: 3000\n\n');
  }

  onEnd(listener: () => void): void {
    this.response.once('close', listener);
  }

  write(text: string): void {
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
  }
}
