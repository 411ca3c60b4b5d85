/** The bundle of `app` (the path of its main.js). */
export function bundleOf(app: string): string;
/** Builds what is stale of `apps`; throws one sentence with the compiler's output when a build fails. */
export function ensureBuilt(apps: readonly string[]): void;
