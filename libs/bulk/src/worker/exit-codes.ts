/** How a worker ends when it is not done with its tasks; Spark tries the task again, and whoever gave it decides. */
export const exitCodes = {
  /** A server is away, or the range is another worker's by now: to be tried again (`EX_TEMPFAIL`). */
  passing: 75,
  /** A person has to mend the configuration first (`EX_CONFIG`). */
  configuration: 78,
} as const;
