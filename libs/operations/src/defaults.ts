/** Where nothing else is said: by the command line, the REST API and the console's pages alike. */
export const verifyDefaults = { parallel: 2, repairRate: 500, patienceSeconds: 10, examples: 5 } as const;

/** Rows a second. */
export const RESEND_RATE = 500;
