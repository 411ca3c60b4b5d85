import { logLevel, type LogEntry } from 'kafkajs';
import type { Log } from '@tributary/transport';

const REPEAT_MS = 30_000;
const leftOut = new Set(['message', 'timestamp', 'logger', 'stack']);

/**
 * Maps the client's log to ours. The client repeats one message at each retry of an outage, and this library
 * reports trouble itself, so a message is let through once in 30 s.
 */
export function clientLog(log: Log) {
  const seen = new Map<string, number>();
  const repeated = (message: string) => {
    const now = performance.now();
    if (now - (seen.get(message) ?? -Infinity) < REPEAT_MS) return true;
    if (seen.size > 200) seen.clear();
    seen.set(message, now);
    return false;
  };
  return ({ namespace, level, log: entry }: LogEntry): void => {
    const { message } = entry;
    const fields = Object.fromEntries(Object.entries(entry).filter(([name]) => !leftOut.has(name)));
    // We limit retries on purpose: the publisher repeats the send with a new producer id.
    if (message.startsWith('Limiting retries') || repeated(message)) return;
    const line = { client: namespace, ...fields };
    if (level === logLevel.ERROR) log.warn(line, message);
    else if (level === logLevel.WARN) log.info(line, message);
    else log.debug(line, message);
  };
}
