import type { RowDataPacket } from 'mysql2/promise';
import { openApplication } from '@tributary/gh-archive';
import { insertMark, runWorkload, type WorkloadResult } from '@tributary/sample-data';
import { LatencyWatch, type Latency } from './latency';
import type { Pipeline } from './pipeline';
import type { Target, TargetName } from './targets';

export interface LiveOptions {
  readonly changes: number;
  /** Changes a second; as fast as it goes when absent. */
  readonly perSecond?: number;
  /** How many of the changes are timed. */
  readonly marks: number;
  /** How long a timed change may take to be visible; default 60 s. */
  readonly timeoutMs?: number;
  readonly onProgress?: (changes: number) => void;
  /** Told, after the last change, how many timed ones are still to be seen. */
  readonly onWaiting?: (changes: number) => void;
  readonly signal?: AbortSignal;
}

export interface LiveResult extends WorkloadResult {
  readonly latency: Readonly<Record<TargetName, Latency>>;
}

/** Runs the live changes and times a sample of them on their way to the targets. */
export async function runLive(
  { servers }: Pipeline,
  targets: readonly Target[],
  options: LiveOptions,
): Promise<LiveResult> {
  const watch = new LatencyWatch(targets);
  try {
    const result = await runWorkload({
      ...options,
      url: servers.APP_MYSQL_URL,
      onMark: (mark) => watch.add(mark),
    });
    options.signal?.throwIfAborted();
    await watch.settled(options.timeoutMs, options);
    return { ...result, latency: watch.results() };
  } finally {
    watch.stop();
  }
}

/** Times lone changes: the next one is made when all targets show the one before. */
export async function probeLone(
  { servers }: Pipeline,
  targets: readonly Target[],
  probes: number,
  { signal, onProgress }: Pick<LiveOptions, 'signal' | 'onProgress'> = {},
): Promise<Record<TargetName, Latency>> {
  const application = await openApplication(servers.APP_MYSQL_URL);
  const watch = new LatencyWatch(targets);
  try {
    const [[highest]] = await application.query<RowDataPacket[]>(
      'SELECT CAST(MAX(user_id) AS CHAR) AS id FROM github_data.users',
    );
    const first = BigInt(String(highest?.['id'] ?? 0)) + 1n;
    for (let probe = 0; probe < probes; probe += 1) {
      watch.add(await insertMark(application, String(first + BigInt(probe))));
      await watch.settled(undefined, { signal });
      onProgress?.(probe + 1);
    }
    return watch.results();
  } finally {
    watch.stop();
    await application.end();
  }
}
