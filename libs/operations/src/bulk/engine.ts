import { existsSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fatal } from '@tributary/kernel';
import { openSpark, type SparkSession } from '@tributary/spark';
import type { OperationContext } from '../context';
import { VariablesFile } from './variables-file';

/** Which Spark works on a command, and how its executors start our worker. */
export interface EngineOptions {
  /** A Connect server that runs, `sc://host:port`. */
  readonly remote?: string | undefined;
  /** For a Connect server of our own, for as long as the command runs. */
  readonly master?: string | undefined;
  /** The command by which an executor starts the worker, without its arguments. */
  readonly worker?: string | undefined;
}

/** Spark for the time of a command. */
export interface Engine {
  /** Another one after `renew`. */
  readonly session: SparkSession;
  /** Tasks that run at a time. */
  readonly slots: number;
  /** The command line of the worker for tasks of one kind. */
  worker(mode: string): string;
  /** Connects anew: the server was lost with all sessions. Throws a SyncError. */
  renew(): Promise<void>;
  close(): Promise<void>;
}

const MASTER = 'local[*,4]';
/** As the container image for executors has it. */
const IMAGE_WORKER = 'tributary-bulk-worker';
/** As the images have it: what is freed of large rows goes back at once, and young garbage stays small. */
const WORKER_MEMORY =
  'MALLOC_MMAP_THRESHOLD_=1048576 MALLOC_TRIM_THRESHOLD_=8388608 NODE_OPTIONS="--max-semi-space-size=16 $NODE_OPTIONS"';
const here = /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/;

/** Connects to the Spark that is asked for, by an option or `SPARK_REMOTE`, or starts one. Throws a SyncError. */
export async function openEngine(
  { servers, note }: Pick<OperationContext, 'servers' | 'note'>,
  options: EngineOptions,
  variables: NodeJS.ProcessEnv = process.env,
): Promise<Engine> {
  if (options.remote && options.master)
    throw fatal('USAGE', '--remote and --master both say where Spark runs: give one of them.');
  const remote = options.master ? undefined : (options.remote ?? (variables['SPARK_REMOTE'] || undefined));
  const master = options.master ?? MASTER;
  const given = options.worker ?? (variables['SPARK_WORKER'] || undefined);
  // Executors on other machines have their own variables, as their container's secrets.
  const near = given === undefined && (remote ? isHere(remote) : master.startsWith('local'));
  const command = given ?? (near ? ownWorker() : IMAGE_WORKER);
  const file = near ? new VariablesFile(variables, servers.env.configPath) : undefined;
  try {
    const open = () => openSpark({ ...(remote ? { remote } : { master }), say: note });
    let session = await open();
    return {
      get session() {
        return session;
      },
      slots: await session.slots(),
      worker: (mode) => [command, mode, ...(file ? [quoted(file.path)] : [])].join(' '),
      async renew() {
        await session.close();
        session = await open();
      },
      async close() {
        await session.close();
        file?.remove();
      },
    };
  } catch (error) {
    file?.remove();
    throw error;
  }
}

function isHere(remote: string): boolean {
  const host = /^sc:\/\/(\[[^\]]*\]|[^:/;]*)/.exec(remote)?.[1] ?? '';
  return here.test(host);
}

/** The worker beside the program that runs. */
function ownWorker(): string {
  const main = resolve(dirname(realpathSync(process.argv[1]!)), '../bulk-worker/main.js');
  if (!existsSync(main))
    throw fatal(
      'SPARK',
      `The worker for Spark is not built (${main}): run npx nx run bulk-worker:build, or name its command by SPARK_WORKER.`,
    );
  // Each task starts a worker: what Node.js has compiled for one is kept for the next.
  const cache = process.env['NODE_COMPILE_CACHE'] ?? join(tmpdir(), 'node-compile-cache');
  const variables = `${WORKER_MEMORY} NODE_COMPILE_CACHE=${quoted(cache)}`;
  return `${variables} ${quoted(process.execPath)} ${quoted(main)}`;
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
