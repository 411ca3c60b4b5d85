import { readdir, readFile } from 'node:fs/promises';

/** A worker process that an executor has started. */
export interface BulkWorker {
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
}

/** The workers that run for the pipeline of this sync file, and no others: a Spark may be shared by many tests. */
export async function bulkWorkers(syncFile: string): Promise<BulkWorker[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [program = '', main = '', , file] = (await fileText(`/proc/${pid}/cmdline`)).split('\0');
      if (!program.endsWith('node') || !main.endsWith('bulk-worker/main.js') || !file) return [];
      return (await fileText(file)).includes(syncFile) ? [Number(pid)] : [];
    }),
  );
  return found.flat().map((pid) => ({
    pid,
    kill(signal) {
      try {
        process.kill(pid, signal);
      } catch {
        // It has ended meanwhile.
      }
    },
  }));
}

/** Processes and files come and go. */
const fileText = (path: string) => readFile(path, 'utf8').catch(() => '');
