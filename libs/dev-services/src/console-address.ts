import { readFileSync } from 'node:fs';
import type { ServiceRecord } from './service-record';

/** Where a browser finds a started console: with the token that it prints, unless it knows users. */
export function consoleAddress({ log, port }: Pick<ServiceRecord, 'log' | 'port'>): string {
  const printed = readFileSync(log, 'utf8').match(/^http:\/\/127\.0\.0\.1:\d+\/#token=\S+$/gm);
  return printed?.at(-1) ?? `http://127.0.0.1:${port}/`;
}
