import type { Log } from '@tributary/transport';
import type { Servers } from './servers';

/** What every use case has at hand. None prints or ends the process: it answers, or throws a SyncError of one sentence. */
export interface OperationContext {
  readonly servers: Servers;
  readonly log: Log;
  /** Told, beside the result, what a person should know: one sentence each. */
  readonly note: (sentence: string) => void;
  /** Ends the work after the step at hand: with the signal's reason, where the use case does not say otherwise. */
  readonly signal?: AbortSignal;
}
