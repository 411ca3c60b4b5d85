type Asked = (signal: NodeJS.Signals) => void;

/**
 * What a process does when it is asked to end. It listens once, for as long as it lives: a signal that comes while one
 * listener is exchanged for another one is lost, since Node drops what is pending for the listener that goes.
 */
export class Termination {
  constructor(
    private asked: Asked,
    signals: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT'],
  ) {
    for (const signal of signals) process.on(signal, () => this.asked(signal));
  }

  /** From now on. */
  do(asked: Asked): void {
    this.asked = asked;
  }
}
