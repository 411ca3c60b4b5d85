import { MultiBar, Presets, type SingleBar } from 'cli-progress';
import { count, duration, percent, printable } from './format';

const LINE_MS = 3_000;

interface Track {
  finished: boolean;
  done: number;
  total: number;
  /** When it was first seen, and how far it was then: a rate counts what was done since. */
  started: number;
  from: number;
  shown: number;
  bar?: SingleBar;
}

/** Progress of named things on standard error: bars on a terminal, else a line every few seconds for each. */
export class Progress {
  readonly #tracks = new Map<string, Track>();
  readonly #bars: MultiBar | undefined;

  constructor(
    private readonly unit: string,
    private readonly err: NodeJS.WriteStream = process.stderr,
  ) {
    if (!err.isTTY) return;
    const format = `{name} {bar} {percentage}% | {value}/{total} ${unit} | {rate} ${unit}/s | {left}`;
    this.#bars = new MultiBar(
      { format, stream: err, hideCursor: true, clearOnComplete: false },
      Presets.shades_grey,
    );
  }

  /** Notes how far a thing is; `total` may be an estimate and change. Beyond it nobody knows what is left. */
  update(name: string, done: number, total: number): void {
    const now = performance.now();
    const track = this.#tracks.get(name) ?? this.#begin(name, done, now);
    track.done = done;
    track.total = Math.max(total, done);
    if (track.bar) {
      track.bar.setTotal(track.total);
      track.bar.update(done, this.#figures(name, track, now));
    } else if (now - track.shown >= LINE_MS) this.#line(name, track, now);
  }

  /** The thing is complete: what was done is the exact total. */
  finish(name: string): void {
    const track = this.#tracks.get(name);
    if (!track) return;
    [track.total, track.finished] = [track.done, true];
    const now = performance.now();
    track.bar?.setTotal(Math.max(track.done, 1));
    track.bar?.update(Math.max(track.done, 1), this.#figures(name, track, now));
    if (!track.bar) this.#line(name, track, now);
  }

  stop(): void {
    this.#bars?.stop();
  }

  #begin(name: string, from: number, now: number): Track {
    const track: Track = { done: from, total: from, started: now, from, shown: now, finished: false };
    if (this.#bars) track.bar = this.#bars.create(1, 0, this.#figures(name, track, now));
    this.#tracks.set(name, track);
    return track;
  }

  #figures(name: string, { done, total, started, from, finished }: Track, now: number) {
    const rate = (done - from) / Math.max((now - started) / 1000, 0.001);
    return {
      name: printable(name),
      rate: count(Math.round(rate)),
      left: finished
        ? 'done'
        : done >= total
          ? 'more than estimated'
          : `${duration((total - done) / rate)} left`,
    };
  }

  #line(name: string, track: Track, now: number): void {
    track.shown = now;
    const { name: shown, rate, left } = this.#figures(name, track, now);
    const { done, total } = track;
    this.err.write(
      `${shown}: ${count(done)} of ${count(total)} ${this.unit} (${percent(done, total, track.finished)}), ${rate} ${this.unit}/s, ${left}\n`,
    );
  }
}
