import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { fatal, freePort, ownUser, settledWithin } from '@tributary/kernel';
import type { SparkAddress } from '../address';
import type { Remote } from '../client/remote';
import { sparkJars } from './jars';
import { findJava } from './java';
import { connectServerArguments, propertiesText, serverConf } from './jvm-arguments';

/**
 * Ends the server when file 3 is closed, which happens however our process ends; by force after ten seconds. What the
 * server leaves in its group, such as workers of a killed one, is ended with it. Where nobody has said `stop` nobody
 * wants its folder either. At a lower priority, which programs of tasks inherit: bulk work on this machine stands back behind
 * whatever else runs there.
 */
const GUARD = `
folder="$1"; shift
nice -n 10 "$@" 3<&- & server=$!
{ read -r told <&3 || touch "$folder/orphan"; kill "$server"; sleep 10; kill -9 "$server"; } 2>/dev/null &
exec 3<&-
wait "$server"; code=$?
trap '' TERM; kill -TERM 0
[ ! -e "$folder/orphan" ] || rm -rf "$folder"
exit $code`;

const STOP_MS = 12_000;

/** A Connect server that lives as long as its owner. */
export class OwnServer {
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #ended: Promise<unknown>;
  #running = true;

  private constructor(
    child: ChildProcess,
    readonly remote: Remote,
    folder: string,
  ) {
    this.#child = child;
    this.#folder = folder;
    this.#ended = new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', () => resolve());
    }).then(() => (this.#running = false));
  }

  /** Starts the process; it answers after 10 to 20 seconds. Throws a SyncError where Java or the jars are missing. */
  static async start(address: SparkAddress): Promise<OwnServer> {
    const { memory = '2g', conf = {}, env = process.env } = address;
    const master = withTries(address.master ?? 'local[*]');
    if (!/^\d+[kmg]$/i.test(memory))
      throw fatal('CONFIG', `The memory of Spark must look like 2g or 800m, and is ${memory}.`);
    const java = findJava(env);
    const jars = sparkJars(env);
    const folder = mkdtempSync(join(env['TMPDIR'] || tmpdir(), 'tributary-spark-'));
    const port = await freePort();
    // Whoever reaches the port may run programs as us: other accounts of this machine must not.
    const token = randomBytes(24).toString('hex');
    const propertiesFile = join(folder, 'spark.properties');
    const all = { ...serverConf(port), ...ofMaster(master, folder), ...conf, ...authentication(token) };
    writeFileSync(propertiesFile, propertiesText(all), { mode: 0o600 });
    const temporary = join(folder, 'temporary');
    mkdirSync(temporary);
    const args = connectServerArguments({ jars, memory, master, propertiesFile, temporary });
    const log = openSync(join(folder, 'spark.log'), 'a', 0o600);
    // A group of its own: Ctrl-C on the terminal is for us, who have to interrupt the statement first.
    const child = spawn('/bin/sh', ['-c', GUARD, 'sh', folder, java, ...args], {
      ...{ env: { ...env, ...variables(master) }, detached: true, stdio: ['ignore', log, log, 'pipe'] },
    });
    closeSync(log);
    const headers = { authorization: `Bearer ${token}` };
    const remote = { host: '127.0.0.1', port, tls: false, userId: ownUser(), headers };
    return new OwnServer(child, remote, folder);
  }

  get running(): boolean {
    return this.#running;
  }

  /** Why it ended, from its log, which stays for the reader. */
  failure(): Error {
    const log = join(this.#folder, 'spark.log');
    const why = reasonIn(readFileSync(log, 'utf8'));
    return fatal('SPARK_START', `The Spark server ended while it started: ${why} (its log: ${log})`);
  }

  /** Ends the server and all that it started; `keepLog` leaves its folder. Never rejects. */
  async stop({ keepLog = false } = {}): Promise<void> {
    const guard = this.#child.stdio[3] as Writable | undefined;
    guard?.on('error', () => undefined).end('stop\n');
    if (this.#running && !(await settledWithin(this.#ended, STOP_MS))) this.#killGroup();
    await settledWithin(this.#ended, STOP_MS);
    if (!keepLog) rmSync(this.#folder, { recursive: true, force: true });
  }

  #killGroup(): void {
    try {
      if (this.#child.pid !== undefined) process.kill(-this.#child.pid, 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
}

/** A task is tried four times, as on a cluster; `local[2]` would give up after one. */
const withTries = (master: string) =>
  master === 'local' ? 'local[1,4]' : master.replace(/^local\[([^\],]+)\]$/, 'local[$1,4]');

/** Of a log: the first exception's text, else the first error, else the last line. */
function reasonIn(log: string): string {
  const lines = log.trimEnd().split('\n');
  const exception = lines.find((line) => /^(Exception in thread .*|[\w.$]+)(Exception|Error): /.test(line));
  const told =
    exception?.replace(/^.*?(Exception|Error): /, '') ??
    lines.find((line) => /\bERROR\b|\bError\b/.test(line));
  return (told ?? lines.at(-1) ?? '').trim();
}

/** Without the local address Spark looks for the one that the machine's name stands for, and warns of what it finds. */
const variables = (master: string) => ({
  SPARK_REMOTE: undefined,
  ...(master.startsWith('local') && { SPARK_LOCAL_IP: '127.0.0.1' }),
});

const authentication = (token: string) => ({ 'spark.connect.authenticate.token': token });

/** A local master shows itself to nobody else; executors elsewhere have to reach the driver. */
const ofMaster = (master: string, folder: string): Record<string, string> => ({
  'spark.sql.warehouse.dir': join(folder, 'warehouse'),
  ...(master.startsWith('local') && {
    'spark.driver.host': '127.0.0.1',
    'spark.driver.bindAddress': '127.0.0.1',
    // The driver's inner ports take orders, too.
    'spark.authenticate': 'true',
    'spark.authenticate.secret': randomBytes(24).toString('hex'),
  }),
});
