import type { TableActivity } from '@tributary/topics';

interface Activity {
  events: number;
  eventsBefore: number;
  lastVersion: string;
  lastTsMs: number;
}

/** Counts events by table for heartbeats; fed once for each batch and table. */
export class ActivityMeter {
  readonly #tables = new Map<string, Activity>();
  #since = performance.now();

  /** `newest`: version and source time of the newest of these events, where they are known. */
  note(table: string, events: number, newest?: { version: string; tsMs: number }): void {
    let activity = this.#tables.get(table);
    if (!activity)
      this.#tables.set(table, (activity = { events: 0, eventsBefore: 0, lastVersion: '', lastTsMs: 0 }));
    activity.events += events;
    if (!newest || newest.version < activity.lastVersion) return;
    activity.lastVersion = newest.version;
    activity.lastTsMs = newest.tsMs;
  }

  /** Totals, and rates since the last call. */
  tables(): Record<string, TableActivity> {
    const now = performance.now();
    const seconds = Math.max(0.001, (now - this.#since) / 1000);
    this.#since = now;
    return Object.fromEntries(
      [...this.#tables].map(([table, activity]) => {
        const { events, eventsBefore, lastVersion, lastTsMs } = activity;
        activity.eventsBefore = events;
        return [table, { events, perSecond: (events - eventsBefore) / seconds, lastVersion, lastTsMs }];
      }),
    );
  }
}
