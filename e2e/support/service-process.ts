import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '@tributary/kernel';
import { sinkApps } from '@tributary/sync-config';
import { waitFor } from '@tributary/testing';
import { memoryEnv } from '@tributary/dev-services';

export const apps = ['trigger-relay' as const, 'validator' as const, ...sinkApps];
export type App = (typeof apps)[number];
/** The services of the pipeline, and what stands beside it. */
export type Program = App | 'console';

const root = join(__dirname, '../..');

/** All that a process of the product has of the test's own environment: no address and no setting. */
export const inherited = (): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
});

interface LogLine {
  readonly level: string;
  readonly event?: string;
  readonly code?: string;
  readonly table?: string;
}

const startedHere: ServiceProcess[] = [];
/** For the tests' environment, which puts it to the error of a failed test. */
Object.assign(globalThis, {
  saidBeside: () =>
    startedHere
      .filter(({ logFile }) => existsSync(logFile))
      .map(({ lastWords }) => lastWords)
      .join('\n'),
});

/** One built service as a process of its own, as a deployment runs it. */
export class ServiceProcess {
  child!: ChildProcess;
  port!: number;
  logFile!: string;

  private constructor(
    readonly app: Program,
    private readonly env: NodeJS.ProcessEnv,
    private readonly folder: string,
  ) {}

  static async start(app: Program, env: NodeJS.ProcessEnv, folder: string): Promise<ServiceProcess> {
    mkdirSync(folder, { recursive: true });
    const service = new ServiceProcess(app, env, folder);
    await service.#begin();
    startedHere.push(service);
    return service;
  }

  async #begin(): Promise<void> {
    const { app, env, folder } = this;
    this.port = await freePort();
    this.logFile = join(folder, `${app}.${this.port}.log`);
    const log = createWriteStream(this.logFile);
    const child = spawn(process.execPath, [join(root, 'dist/apps', app, 'main.js')], {
      cwd: root,
      env: { ...inherited(), ...memoryEnv, ...env, PORT: String(this.port), HTTP_HOST: '127.0.0.1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    this.child = child;
  }

  /** What it said last: warnings and errors where there are any. */
  get lastWords(): string {
    const lines = this.logText.trimEnd().split('\n');
    const troubles = lines.filter((line) => !/"level":"(info|debug)"/.test(line));
    const said = (troubles.length > 0 ? troubles : lines).slice(-3).map((line) => line.slice(0, 400));
    return [`${this.app}${this.exited ? ', ended' : ''}:`, ...said].join('\n  ');
  }

  get exited(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  get logText(): string {
    return readFileSync(this.logFile, 'utf8');
  }

  /** What was logged; without warnings of node, which are no JSON, and a line that is still being written. */
  get lines(): LogLine[] {
    return this.logText
      .split('\n')
      .slice(0, -1)
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as LogLine);
  }

  /** The lines with this event code. */
  events<Fields = object>(event: string): (LogLine & Fields)[] {
    return this.lines.filter((line): line is LogLine & Fields => line.event === event);
  }

  async get(path: string): Promise<{ status: number; body: string }> {
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`, {
      signal: AbortSignal.timeout(3_000),
    });
    return { status: response.status, body: await response.text() };
  }

  async ready(): Promise<boolean> {
    // Somebody else's server had the port before this one came to listen on it.
    if (this.exited && this.logText.includes('EADDRINUSE')) await this.#begin();
    if (this.exited) throw new Error(`${this.app} ended: ${this.logText.trim().split('\n').at(-1)}`);
    return this.get('/health/ready').then(
      ({ status }) => status === 200,
      () => false,
    );
  }

  untilReady(timeoutMs = 60_000): Promise<unknown> {
    return waitFor(() => this.ready(), { timeoutMs, everyMs: 100 });
  }

  /** Sends a signal and waits for the end; gives the exit code, or null when the signal ended it. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (!this.exited) {
      const exited = new Promise((resolve) => this.child.once('exit', resolve));
      this.child.kill(signal);
      await exited;
    }
    return this.child.exitCode;
  }
}
