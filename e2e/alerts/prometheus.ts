import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pickPort, prometheusPrograms } from '@tributary/dev-stack';
import { waitFor } from '@tributary/testing';
import { parse, stringify } from 'yaml';

const root = join(__dirname, '../..');
const rulesFile = join(root, 'deploy/prometheus-alerts.yml');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
}

interface Rules {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}

/** Parts of rules' expressions, by alert, and what stands for them so that a test need not wait for hours. */
export type Shortened = Readonly<Record<string, readonly [written: string, shortened: string]>>;

export interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly state: 'pending' | 'firing';
}

/** A real Prometheus of a test's own, which scrapes once a second and has the rules of `deploy`, sooner. */
export class OwnPrometheus {
  #process: ChildProcess | undefined;

  private constructor(
    private readonly folder: string,
    private readonly port: number,
    readonly startedAt = Date.now(),
  ) {}

  static async start(folder: string, shortened: Shortened): Promise<OwnPrometheus> {
    mkdirSync(folder, { recursive: true });
    const prometheus = new OwnPrometheus(folder, await pickPort());
    writeFileSync(join(folder, 'rules.yml'), stringify(shortenedRules(shortened)));
    writeFileSync(join(folder, 'targets.json'), '[]');
    writeFileSync(
      join(folder, 'prometheus.yml'),
      stringify({
        global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
        rule_files: ['rules.yml'],
        scrape_configs: [
          { job_name: 'tributary', file_sd_configs: [{ files: ['targets.json'], refresh_interval: '1s' }] },
        ],
      }),
    );
    const { prometheus: program } = await prometheusPrograms(() => undefined);
    const args = ['--config.file=prometheus.yml', '--storage.tsdb.path=data', '--log.level=warn'];
    prometheus.#process = spawn(program, [...args, `--web.listen-address=127.0.0.1:${prometheus.port}`], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    await waitFor(async () => (await fetch(`${prometheus.#url}/-/ready`)).ok, { timeoutMs: 30_000 });
    return prometheus;
  }

  get #url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Scrapes these ports of this machine from now on. */
  scrape(ports: readonly number[]): void {
    const targets = ports.map((port) => `127.0.0.1:${port}`);
    writeFileSync(join(this.folder, 'targets.json'), JSON.stringify([{ targets }]));
  }

  async alerts(): Promise<readonly Alert[]> {
    return (await this.#get<{ alerts: readonly Alert[] }>('alerts')).alerts;
  }

  /** Waits until an alert with these labels fires. */
  async untilFiring(alert: string, labels: Readonly<Record<string, string>> = {}): Promise<void> {
    const wanted = Object.entries({ alertname: alert, ...labels });
    await this.#until(
      (alerts) =>
        alerts.some((one) => one.state === 'firing' && wanted.every(([name, is]) => one.labels[name] === is)),
      `${alert} ${JSON.stringify(labels)} to fire`,
    );
  }

  /** Waits until no such alert is pending or fires. */
  async untilOver(...names: readonly string[]): Promise<void> {
    await this.#until(
      (alerts) => alerts.every(({ labels }) => !names.includes(labels['alertname']!)),
      `${names.join(', ')} to end`,
    );
  }

  /** How many series an expression gave at some time since the start. */
  async seriesOf(expr: string): Promise<number> {
    const [start, end] = [this.startedAt / 1000, Date.now() / 1000];
    const query = new URLSearchParams({ query: expr, start: `${start}`, end: `${end}`, step: '1' });
    return (await this.#get<{ result: readonly unknown[] }>(`query_range?${query}`)).result.length;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process?.once('exit', resolve));
    this.#process?.kill('SIGTERM');
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #until(holds: (alerts: readonly Alert[]) => boolean, what: string): Promise<void> {
    let last: readonly Alert[] = [];
    await waitFor(async () => holds((last = await this.alerts())), { timeoutMs: 60_000, everyMs: 300 }).catch(
      (error: Error) => {
        const seen = last.map(({ state, labels }) => `${state} ${JSON.stringify(labels)}`);
        throw new Error(`${error.message} It was waited for ${what}; there were:\n${seen.join('\n')}`);
      },
    );
  }

  async #get<T>(path: string): Promise<T> {
    const answer = (await (await fetch(`${this.#url}/api/v1/${path}`)).json()) as {
      readonly status: string;
      readonly error?: string;
      readonly data: T;
    };
    if (answer.status !== 'success') throw new Error(`Prometheus refused ${path}: ${answer.error}`);
    return answer.data;
  }
}

function shortenedRules(shortened: Shortened): Rules {
  const { groups } = parse(readFileSync(rulesFile, 'utf8')) as Rules;
  return {
    groups: groups.map(({ name, rules }) => ({
      name,
      rules: rules.map((rule) => {
        const [written, instead] = shortened[rule.alert] ?? ['', ''];
        if (!rule.expr.includes(written)) throw new Error(`The rule ${rule.alert} has no "${written}"`);
        return { ...rule, expr: rule.expr.replace(written, instead), for: '1s' };
      }),
    })),
  };
}
