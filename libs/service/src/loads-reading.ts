/** How the consumer of a topic of loads fetches, in each stage. */
export const loadsReading = {
  /** It comes on top of what live changes take. */
  maxBytesPerFetch: 2 ** 18,
  maxBytesPerPartition: 2 ** 16,
  /** How long an idle reader of loads may take to stop, ms; the longer, the fewer requests it makes. */
  maxWaitMs: 1000,
} as const;
