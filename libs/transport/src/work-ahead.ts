/** The work of a reader that others stand behind: they begin no round while there is any. */
export interface WorkAhead {
  /** Whether records are worked on, or are known to wait and can be worked on now. */
  readonly isThere: boolean;
  /** Milliseconds since there was any; 0 while there is. */
  readonly quietMs: number;
  /** Calls back, once, when there is none any more, or may be none. */
  onEnd(call: () => void): void;
}
