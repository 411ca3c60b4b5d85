/**
 * An error with a class: `retry` passes by itself (network, not primary, OOM) and is retried for ever,
 * `fatal` needs a person (configuration, rights) and stops the command or the service with this sentence.
 */
export class SyncError extends Error {
  constructor(
    readonly kind: 'retry' | 'fatal',
    /** Upper-case word for scripts, e.g. `CONFIG`, `PREFLIGHT`, `UNREACHABLE`. */
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'SyncError';
  }
}

export const fatal = (code: string, message: string, cause?: unknown) =>
  new SyncError('fatal', code, message, { cause });

export const transient = (code: string, message: string, cause?: unknown) =>
  new SyncError('retry', code, message, { cause });
