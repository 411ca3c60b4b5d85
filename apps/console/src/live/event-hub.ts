import { randomUUID } from 'node:crypto';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { LiveEventName } from '@tributary/console-api';
import type { EventStream } from './event-stream';

const KEPT = 300;
/** A ring of large events is no ring. */
const KEPT_BYTES = 8 << 20;
const HEARTBEAT_MS = 15_000;

/** One event as it goes over the wire. */
export interface Frame {
  readonly number: number;
  readonly name: LiveEventName;
  readonly text: string;
}

/** Events of all streams: the last some hundred are kept for those who come back. */
@Injectable()
export class EventHub implements OnModuleDestroy {
  /** Tells the numbers of this process from those of another one. */
  readonly #process = randomUUID().slice(0, 8);
  readonly #streams = new Set<EventStream>();
  readonly #ring: Frame[] = [];
  readonly #latest = new Map<LiveEventName, { readonly frame: Frame; readonly data: string }>();
  readonly #onStream: (() => void)[] = [];
  readonly #heart = setInterval(() => this.#beat(), HEARTBEAT_MS).unref();
  #bytes = 0;
  #number = 0;

  get streams(): number {
    return this.#streams.size;
  }

  /** Of one user. */
  streamsOf(name: string): number {
    return [...this.#streams].filter(({ user }) => user === name).length;
  }

  /** Told when somebody begins to look. */
  onStream(listener: () => void): void {
    this.#onStream.push(listener);
  }

  /** Adds a stream; it is told what it missed since the event of that id, else the newest of each kind. */
  add(stream: EventStream, lastEventId: string | undefined): void {
    for (const { text } of this.#since(lastEventId)) stream.write(text);
    this.#streams.add(stream);
    stream.onEnd(() => this.#streams.delete(stream));
    for (const listener of this.#onStream) listener();
  }

  publish(name: LiveEventName, data: unknown): void {
    this.#put(name, JSON.stringify(data));
  }

  /** Nothing when it is as it was. */
  publishChanged(name: LiveEventName, data: unknown): void {
    const text = JSON.stringify(data);
    if (this.#latest.get(name)?.data !== text) this.#put(name, text);
  }

  onModuleDestroy(): void {
    clearInterval(this.#heart);
    for (const stream of this.#streams) stream.end();
  }

  #put(name: LiveEventName, data: string): void {
    const number = (this.#number += 1);
    const frame = { number, name, text: `id: ${this.#process}-${number}\nevent: ${name}\ndata: ${data}\n\n` };
    this.#latest.set(name, { frame, data });
    this.#ring.push(frame);
    this.#bytes += frame.text.length;
    while (this.#ring.length > KEPT || (this.#bytes > KEPT_BYTES && this.#ring.length > 1))
      this.#bytes -= this.#ring.shift()!.text.length;
    for (const stream of this.#streams) stream.write(frame.text);
  }

  #since(lastEventId: string | undefined): readonly Frame[] {
    const [process, number] = lastEventId?.split('-') ?? [];
    const first = this.#ring[0]?.number ?? 0;
    // An event that is no longer kept may have been missed.
    if (process === this.#process && /^\d{1,15}$/.test(number ?? '') && Number(number) >= first - 1)
      return this.#ring.filter((frame) => frame.number > Number(number));
    return [...this.#latest.values()].map(({ frame }) => frame).sort((a, b) => a.number - b.number);
  }

  #beat(): void {
    for (const stream of this.#streams) stream.beat();
  }
}
