import { liveEvents, type LiveEvent, type LiveEventName } from '@tributary/console-api';
import { waitFor } from '@tributary/testing';
import type { Client } from './client';

/** Reads a stream of events, and holds each to its schema. */
export class EventReader {
  readonly seen: { readonly id: string; readonly name: LiveEventName; readonly data: unknown }[] = [];
  ended = false;
  readonly #stop = new AbortController();

  static async open(client: Client, more: Record<string, string> = {}): Promise<EventReader> {
    const reader = new EventReader();
    const response = await fetch(`${client.url}/api/v1/events`, {
      headers: { ...client.headers, ...(client.cookie && { cookie: client.cookie }), ...more },
      signal: reader.#stop.signal,
    });
    if (response.status !== 200) throw new Error(String(response.status));
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    void reader.#read(response.body!).catch(() => undefined);
    return reader;
  }

  async until<N extends LiveEventName>(
    name: N,
    fits: (data: Extract<LiveEvent, { name: N }>['data']) => boolean,
    timeoutMs = 20_000,
  ): Promise<void> {
    await waitFor(() => this.seen.some((event) => event.name === name && fits(event.data as never)), {
      timeoutMs,
    });
  }

  close(): void {
    this.#stop.abort();
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    let text = '';
    const decoder = new TextDecoder();
    try {
      for await (const piece of body as unknown as AsyncIterable<Uint8Array>) {
        text += decoder.decode(piece, { stream: true });
        const frames = text.split('\n\n');
        text = frames.pop()!;
        for (const frame of frames) this.#take(frame);
      }
    } finally {
      this.ended = true;
    }
  }

  #take(frame: string): void {
    const member = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(frame)?.[1];
    const name = member('event') as LiveEventName | undefined;
    if (!name) return;
    const data: unknown = JSON.parse(member('data')!);
    expect(liveEvents[name].parse(data)).toEqual(data);
    this.seen.push({ id: member('id')!, name, data });
  }
}
