import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isFree } from '@tributary/kernel';
import {
  connectServerArguments,
  openSpark,
  propertiesText,
  serverConf,
  serverVariables,
  sparkJvmArguments,
} from '@tributary/spark';
import { lastLines, startDetached } from './detached';
import { requireJava } from './install/maven';
import { installedSpark } from './install/spark';
import { pickPort } from './ports';
import { identify, isAlive, terminate, type ProcessId } from './process-id';
import { briefJvm } from './servers/spark';

/** How long the cluster may take until it answers, milliseconds. */
const START_MS = 120_000;

interface SparkClusterOptions {
  /** Of the executors, hence of the workers' programs. Default: this process's. */
  readonly env?: NodeJS.ProcessEnv;
  /** Of Spark, beside what the cluster needs. */
  readonly conf?: Readonly<Record<string, string>>;
  /** Heap of an executor. Default `512m`. */
  readonly executorMemory?: string;
  readonly say?: (line: string) => void;
}

type Part = 'master' | 'worker-1' | 'worker-2' | 'connect';

/** Two hosts of one machine: a second try of a task that is slow (speculation) begins on another host only. */
const HOSTS = { 'worker-1': '127.0.0.1', 'worker-2': '127.0.0.2' } as const;

/** For fault tests: a standalone master, two workers with an executor of one slot each, and a Connect server on them. */
export class SparkCluster {
  readonly #processes = new Map<Part, ProcessId>();
  readonly #folder = mkdtempSync(join(tmpdir(), 'tributary-cluster-'));
  readonly #options: SparkClusterOptions;
  #java = '';
  #home = '';
  #ports = { master: 0, connect: 0 };

  private constructor(options: SparkClusterOptions) {
    this.#options = options;
  }

  /** Resolves when a statement has run on an executor. */
  static async start(options: SparkClusterOptions = {}): Promise<SparkCluster> {
    const cluster = new SparkCluster(options);
    try {
      await cluster.#start();
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  get remote(): string {
    return `sc://127.0.0.1:${this.#ports.connect}`;
  }

  /** `spark://host:port`, for a Connect server of a test's own. */
  get master(): string {
    return `spark://127.0.0.1:${this.#ports.master}`;
  }

  /** Pids of the executors, which Spark's workers start as processes of their own and start again when they die. */
  executors(): number[] {
    const workers = [this.#processes.get('worker-1')?.pid, this.#processes.get('worker-2')?.pid];
    return workers.flatMap((worker) => (worker === undefined ? [] : childrenOf(worker)));
  }

  /** Kills a part of the cluster without a word to it. */
  async kill(part: Part): Promise<void> {
    const id = this.#processes.get(part);
    if (id && isAlive(id)) process.kill(id.pid, 'SIGKILL');
    if (id) await terminate(id, 0);
  }

  /** Starts the Connect server again, on its port, and waits until it answers; sessions of the old one are lost. */
  async startConnect(): Promise<void> {
    const { jars } = this;
    const propertiesFile = join(this.#folder, 'spark.properties');
    const { connect } = this.#ports;
    const conf = {
      ...serverConf(connect),
      'spark.driver.host': '127.0.0.1',
      'spark.driver.bindAddress': '127.0.0.1',
      'spark.executor.cores': '1',
      'spark.executor.memory': this.#options.executorMemory ?? '512m',
      // An executor whose driver was killed notices by its connection; a task on it must not wait for two minutes.
      'spark.network.timeout': '30s',
      'spark.network.timeoutInterval': '15s',
      'spark.executor.heartbeatInterval': '5s',
      'spark.sql.warehouse.dir': join(this.#folder, 'warehouse'),
      ...this.#options.conf,
    };
    writeFileSync(propertiesFile, propertiesText(conf), { mode: 0o600 });
    const temporary = join(this.#folder, 'connect');
    const server = { jars, memory: '1g', master: this.master, propertiesFile, temporary };
    this.#spawn('connect', [...briefJvm, ...connectServerArguments(server)]);
    await this.#answers();
  }

  /** Ends all processes and removes their files. Never rejects. */
  async stop(): Promise<void> {
    const executors = this.executors().map(identify);
    for (const part of ['connect', 'worker-1', 'worker-2', 'master'] as const) {
      const id = this.#processes.get(part);
      if (id) await terminate(id, 10_000).catch(() => undefined);
    }
    for (const id of executors) if (id) await terminate(id, 5000).catch(() => undefined);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  private get jars(): string {
    return join(this.#home, 'jars');
  }

  async #start(): Promise<void> {
    const { say = () => undefined } = this.#options;
    this.#java = await requireJava();
    this.#home = await installedSpark(say);
    const master = await pickPort();
    this.#ports = { master, connect: await pickPort([master]) };
    const host = (address: string) => ['--host', address];
    const page = ['--webui-port', '0'];
    const deploy = 'org.apache.spark.deploy';
    const jvm = [
      ...briefJvm,
      ...sparkJvmArguments(this.jars, '512m'),
      // Nobody asks it by HTTP, on a port that is the same everywhere.
      '-Dspark.master.rest.enabled=false',
    ];
    this.#spawn('master', [
      ...jvm,
      `${deploy}.master.Master`,
      ...host('127.0.0.1'),
      '--port',
      String(master),
      ...page,
    ]);
    await this.#until(async () => !(await isFree(master)), 'master');
    for (const part of ['worker-1', 'worker-2'] as const) {
      const work = ['--cores', '1', '--memory', '1g', '--work-dir', join(this.#folder, part)];
      this.#spawn(part, [
        ...jvm,
        `${deploy}.worker.Worker`,
        ...host(HOSTS[part]),
        ...page,
        ...work,
        this.master,
      ]);
    }
    await this.startConnect();
  }

  #spawn(part: Part, args: readonly string[]): void {
    mkdirSync(join(this.#folder, part), { recursive: true });
    const env = { ...(this.#options.env ?? process.env), ...serverVariables(this.#home) };
    const options = { cwd: this.#folder, env, log: this.#log(part) };
    this.#processes.set(part, startDetached(this.#java, args, options));
  }

  #log(part: Part): string {
    return join(this.#folder, `${part}.log`);
  }

  async #answers(): Promise<void> {
    await this.#until(async () => {
      const session = await openSpark({ remote: this.remote });
      try {
        await session.rows('SELECT count(*) FROM range(2)');
        return true;
      } finally {
        await session.close();
      }
    }, 'connect');
  }

  async #until(ready: () => Promise<boolean>, part: Part): Promise<void> {
    for (const end = Date.now() + START_MS; ; await sleep(200)) {
      const why = await ready().then(
        (yes) => (yes ? undefined : 'it is not ready'),
        (error: Error) => error.message,
      );
      if (why === undefined) return;
      const id = this.#processes.get(part);
      if (!id || !isAlive(id) || Date.now() > end)
        throw new Error(`Spark's ${part} does not start: ${why}\n${lastWords(this.#log(part))}`);
    }
  }
}

/** Without the frames, which are most of what Java says at its end. */
const lastWords = (log: string) =>
  lastLines(log, 200)
    .split('\n')
    .filter((line) => !/^\s+at /.test(line))
    .slice(-6)
    .join('\n');

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
        return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]) === parent;
      } catch {
        return false;
      }
    });
}
