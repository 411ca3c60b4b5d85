import type { LoggerService } from '@nestjs/common';
import { errorText, plainFields, withoutValues } from '@tributary/kernel';
import { pino, type DestinationStream, type LogFn, type Logger, type LoggerOptions } from 'pino';

export type { Logger } from 'pino';

/** JSON lines on standard output: one per noteworthy event, none per row. */
export function createLogger(app: string, level: string, to?: DestinationStream): Logger {
  const options: LoggerOptions = {
    level,
    base: { app, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    // Errors of drivers carry statements and values of rows: they are made plain here, whoever logs them.
    formatters: { level: (label) => ({ level: label }), log: plainFields },
    hooks: { logMethod: plainArguments },
    errorKey: 'error',
  };
  return to ? pino(options, to) : pino(options);
}

/** An error that is logged by itself, and texts, which may quote one. */
function plainArguments(this: Logger, args: Parameters<LogFn>, method: LogFn): void {
  const [first, ...rest] = args as unknown[];
  const texts = rest.map((one) => (typeof one === 'string' ? withoutValues(one) : one));
  const [head, ...tail] =
    first instanceof Error
      ? [{ error: first }, ...(texts.length > 0 ? texts : [errorText(first)])]
      : [typeof first === 'string' ? withoutValues(first) : first, ...texts];
  method.apply(this, [head, ...tail] as Parameters<LogFn>);
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
