/** What a plain driver loop achieved. */
export interface Floor {
  readonly perSecond: number;
  /** Processor seconds of this process for a million. */
  readonly cpuPerMillion: number;
}

/** Adds up wall time and processor time of the parts of a loop that count. */
export class Stopwatch {
  #wallMs = 0;
  #cpuMicros = 0;

  async time<T>(work: () => Promise<T>): Promise<T> {
    const [startedAt, cpu] = [performance.now(), process.cpuUsage()];
    try {
      return await work();
    } finally {
      const { user, system } = process.cpuUsage(cpu);
      this.#wallMs += performance.now() - startedAt;
      this.#cpuMicros += user + system;
    }
  }

  floor(count: number): Floor {
    return { perSecond: (count * 1000) / this.#wallMs, cpuPerMillion: this.#cpuMicros / count };
  }
}
