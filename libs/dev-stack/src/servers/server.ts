import type { Say } from '../install/cached';
import type { ServerName, ServerRecord, StackState } from '../state';

/** What a server is started with. */
interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  /** Beside what this process has; undefined: left out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Shown by `status` until the server itself has told its version. */
  readonly version: string;
}

export interface ServerContext {
  readonly stack: StackState;
  readonly record: ServerRecord;
  /** Folder of this server alone: data, generated configuration. */
  readonly folder: string;
  readonly say: Say;
}

/** How one kind of server is installed and started as a native process. */
export interface NativeServer {
  readonly name: ServerName;
  /** Installs what is missing, makes the data folder when there is none, and says how to start. */
  prepare(context: ServerContext): Promise<Launch>;
  /** How long a gentle stop may take, milliseconds. */
  readonly graceMs: number;
}
