import type { LoggerService } from '@nestjs/common';
import { pino, type Logger } from 'pino';

export type { Logger } from 'pino';

/** JSON lines on standard output: one per noteworthy event, none per row. */
export function createLogger(app: string, level: string): Logger {
  return pino({
    level,
    base: { app, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    errorKey: 'error',
  });
}

const startFaults = new Set<unknown>(['ExceptionHandler', 'MongooseModule']);

/** Nest's own messages through the same logger; its start-up chatter is only of interest when debugging. */
export function nestLogger(log: Logger): LoggerService {
  const line = (message: unknown, rest: unknown[]) => [{ context: rest.at(-1) }, String(message)] as const;
  return {
    log: (message, ...rest) => log.debug(...line(message, rest)),
    debug: (message, ...rest) => log.debug(...line(message, rest)),
    verbose: (message, ...rest) => log.trace(...line(message, rest)),
    warn: (message, ...rest) => log.warn(...line(message, rest)),
    // What these report ends the start, and runService says so in one sentence.
    error: (message, ...rest) =>
      log[startFaults.has(rest.at(-1)) ? 'debug' : 'error'](...line(message, rest)),
    fatal: (message, ...rest) => log.fatal(...line(message, rest)),
  };
}
