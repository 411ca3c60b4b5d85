import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '@tributary/dev-stack';
import type { ServiceRecord } from './service-record';

/** What `GET /health/ready` says: `ready`, or why not. */
export async function askReady({
  port,
}: Pick<ServiceRecord, 'port'>): Promise<{ ready: boolean; detail: string }> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/health/ready`, {
      signal: AbortSignal.timeout(2000),
    });
    const body = await response.text();
    return { ready: response.status === 200, detail: `${response.status} ${body.slice(0, 300)}`.trim() };
  } catch {
    return { ready: false, detail: 'its HTTP port does not answer' };
  }
}

/** The message of the last line of a log: of a JSON line its error or text, else the line itself. */
export function lastMessage(log: string): string {
  const line = existsSync(log) ? (readFileSync(log, 'utf8').trimEnd().split('\n').at(-1) ?? '') : '';
  try {
    const entry = JSON.parse(line) as { msg?: string; err?: { message?: string } };
    return entry.err?.message ?? entry.msg ?? line.trim();
  } catch {
    return line.trim();
  }
}

/** Waits until a started service is ready; rejects when its process ends or `timeoutMs` pass. */
export async function waitUntilReady(record: ServiceRecord, timeoutMs: number): Promise<void> {
  for (const end = Date.now() + timeoutMs; ; await sleep(100)) {
    const { ready, detail } = await askReady(record);
    const alive: boolean = isAlive(record);
    if (!alive)
      throw new Error(`${record.app} ended while starting: ${lastMessage(record.log)} (log: ${record.log})`);
    if (ready) return;
    if (Date.now() > end)
      throw new Error(
        `${record.app} runs (pid ${record.pid}) but is not ready after ${timeoutMs / 1000} s: ${detail} (log: ${record.log})`,
      );
  }
}
