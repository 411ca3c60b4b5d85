/** How the consumer of a topic of loads fetches, in each stage. */
export const loadsReading = {
  /** It comes on top of what live changes take. */
  maxBytesPerFetch: 2 ** 18,
  maxBytesPerPartition: 2 ** 16,
} as const;
