import { MultiBar, Presets, type SingleBar } from 'cli-progress';

/** A thing that is being counted. */
export interface Meter {
  update(value: number): void;
}

/** A plain line each so many milliseconds. */
const PLAIN_LINE_MS = 3_000;

/** Shows the demo's progress on standard error: bars on a terminal, a plain line each few seconds otherwise. */
export class Progress {
  readonly #startedAt = performance.now();
  #step = 0;
  #drawn: MultiBar | undefined;

  constructor(private readonly output: NodeJS.WriteStream = process.stderr) {}

  /** Announces the next step. */
  step(title: string): void {
    this.#step += 1;
    const at = ((performance.now() - this.#startedAt) / 1000).toFixed(1).padStart(6);
    this.say(`\n${at} s  ${this.#step}. ${title}`);
  }

  say(line: string): void {
    if (this.#drawn) this.#drawn.log(`${line}\n`);
    else this.output.write(`${line}\n`);
  }

  /** Says at most one line each few seconds, so that a wait is seen to go on; the first one after that time. */
  everyFewSeconds(): (line: string) => void {
    let saidAt = performance.now();
    return (line) => {
      if (performance.now() - saidAt < PLAIN_LINE_MS) return;
      saidAt = performance.now();
      this.say(line);
    };
  }

  /** Runs `work` with one meter for each label, all counting up to `total` where that is known. */
  async metered<Label extends string, T>(
    labels: readonly Label[],
    total: number | undefined,
    work: (meters: Readonly<Record<Label, Meter>>) => Promise<T>,
  ): Promise<T> {
    const shown = this.output.isTTY ? this.#bars(labels, total) : this.#lines(labels, total);
    try {
      return await work(shown.meters);
    } finally {
      shown.stop();
    }
  }

  #bars<Label extends string>(labels: readonly Label[], total: number | undefined): Shown<Label> {
    const multi = new MultiBar(
      {
        stream: this.output,
        format:
          total === undefined
            ? '  {label} {value}  {rate}/s  {duration_formatted}'
            : '  {label} {bar} {value}/{total}  {rate}/s  {duration_formatted}',
        barsize: 30,
        fps: 10,
        forceRedraw: true,
        hideCursor: true,
      },
      Presets.shades_classic,
    );
    this.#drawn = multi;
    const stop = () => {
      multi.stop();
      this.#drawn = undefined;
    };
    const width = Math.max(...labels.map((label) => label.length));
    const meterOf = (label: Label): Meter => {
      const startedAt = performance.now();
      const bar: SingleBar = multi.create(total ?? 0, 0, { label: label.padEnd(width), rate: '-' });
      return {
        update: (value) => bar.update(Math.min(value, total ?? value), { rate: rateOf(value, startedAt) }),
      };
    };
    return { meters: metersOf(labels, meterOf), stop };
  }

  #lines<Label extends string>(labels: readonly Label[], total: number | undefined): Shown<Label> {
    const startedAt = performance.now();
    const values = new Map(labels.map((label) => [label, 0]));
    const of = total === undefined ? '' : `/${total}`;
    let printed = '';
    const print = () => {
      const state = [...values.values()].join();
      if (state === printed) return;
      printed = state;
      this.say(
        `  ${[...values]
          .map(([label, value]) => `${label} ${value}${of} (${rateOf(value, startedAt)}/s)`)
          .join(', ')}`,
      );
    };
    const timer = setInterval(print, PLAIN_LINE_MS);
    return {
      meters: metersOf(labels, (label) => ({ update: (value) => void values.set(label, value) })),
      stop: () => {
        clearInterval(timer);
        print();
      },
    };
  }
}

interface Shown<Label extends string> {
  readonly meters: Readonly<Record<Label, Meter>>;
  stop(): void;
}

const metersOf = <Label extends string>(labels: readonly Label[], meterOf: (label: Label) => Meter) =>
  Object.fromEntries(labels.map((label) => [label, meterOf(label)])) as Record<Label, Meter>;

function rateOf(value: number, startedAt: number): number {
  return Math.round((value * 1000) / Math.max(1, performance.now() - startedAt));
}
