import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SeededRandom, uniqueName } from '@tributary/testing';
import Redis from 'ioredis';
import { mongo } from 'mongoose';
import { createConnection } from 'mysql2/promise';
import { repositoryRoot, hasDisks, ownServers } from '@tributary/dev-stack';
import { compareAll, type Compared } from './compare';
import { addedDeadlocks } from './deadlocks';
import { Fleet } from './fleet';
import { historyOf } from './history';
import { inherited } from '../support/service-process';
import { untilIdle } from './idle';
import { injectFaults } from './injector';
import { serverOf, type OwnStack } from './own-stack';
import { Network, type ServerAddresses } from './network';
import { apps, describeFault, planFaults, servers } from './schedule';
import { faultTables, syncFileOf } from './tables';
import { Topics } from './topics';
import { runWorkload } from './workload';

export interface RunOptions {
  readonly seed: number;
  readonly durationMs: number;
  readonly addresses: ServerAddresses & { readonly ADMIN_MYSQL_URL: string };
  /** The stack whose servers may be killed; none: they belong to others too. */
  readonly stack?: OwnStack;
  readonly pauseMs: readonly [number, number];
  /** Whether the source's data is set back and topics are changed as well, and deadlocks held against a run without capture. */
  readonly deep?: boolean;
  readonly say: (line: string) => void;
}

export interface RunResult {
  readonly seed: number;
  readonly seconds: number;
  /** What is wrong, one line each; empty: everything is right. */
  readonly problems: readonly string[];
  readonly faults: number;
  readonly changes: number;
  readonly rows: number;
  readonly differences: number;
  /** Services that ended by themselves; they were started again. */
  readonly ownEnds: number;
  /** Logs of the services and the writers, and the schedule. */
  readonly folder: string;
}

/** A target that lost its tail gets it again by itself: that is looked at once more after this time. */
const HEAL_MS = 20_000;
const READY_MS = 90_000;
const STALL_MS = 90_000;

/** Where a run keeps its schedule, all logs and its result (`result.json`, a `RunResult`). */
export const folderOf = (seed: number, source: string) =>
  join(repositoryRoot, '.tributary/faults', `${seed}-${source}`);

/** The apps must be built. Runs the workload under the faults of a seed, waits until all is calm, and compares source and targets. */
export async function runFaults(options: RunOptions): Promise<RunResult> {
  const { seed, durationMs, addresses, stack, pauseMs } = options;
  const random = new SeededRandom(seed);
  const database = uniqueName('faults');
  const captureSchema = `tributary_${database}`;
  const folder = folderOf(seed, stack?.source ?? 'shared');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const say = (line: string) => {
    appendFileSync(join(folder, 'run.log'), `${new Date().toISOString()} ${line}\n`);
    options.say(line);
  };
  const tables = faultTables.map(({ name }) => `${database}.${name}`);
  const faults = planFaults({
    random: random.fork('faults'),
    durationMs,
    ownServers: stack
      ? servers.filter((server) => ownServers(stack.name).includes(serverOf(server, stack)))
      : [],
    fullDisks: !!stack && hasDisks(stack.name),
    tables,
    pauseMs,
    deep: options.deep === true && !!stack,
  });
  writeFileSync(join(folder, 'schedule.json'), `${JSON.stringify(faults, null, 1)}\n`);
  say(
    `seed ${seed}: ${faults.length} faults in ${durationMs / 1000} s, database ${database}, logs in ${folder}`,
  );

  const syncFile = join(folder, 'sync.yaml');
  writeFileSync(syncFile, syncFileOf(database, captureSchema));
  await prepareSource(addresses.ADMIN_MYSQL_URL, database);
  const network = await Network.open(addresses);
  const env = { ...inherited(), SYNC_CONFIG: syncFile };
  const fleet = new Fleet(folder, (app) => ({ ...env, ...network.envOf(app) }));
  const client = await new mongo.MongoClient(addresses.MONGODB_URI).connect();
  const redis = new Redis(addresses.REDIS_URL, { maxRetriesPerRequest: null });
  redis.on('error', () => undefined);
  const topics = new Topics(addresses.KAFKA_BROKERS, database);
  const problems: string[] = [];
  let compared: Compared = { rows: 0, differences: [] };
  let changes = 0;
  try {
    const control = options.deep ? await controlRun(options, database, folder) : undefined;
    if (control) say(`without capture: ${JSON.stringify(control)}`);
    for (const app of apps) await fleet.start(app);
    await fleet.ready(READY_MS);
    say('services are ready; faults begin');

    const writing = new AbortController();
    const workload = runWorkload(
      { url: addresses.ADMIN_MYSQL_URL, database, folder, random: random.fork('workload') },
      writing.signal,
    );
    const injected = injectFaults(
      faults,
      {
        fleet,
        network,
        adminUrl: addresses.ADMIN_MYSQL_URL,
        env: { ...env, ...addresses },
        stack,
        topics,
        say,
      },
      describeFault,
    );
    await Promise.all([sleep(durationMs), injected]).finally(() => writing.abort());
    const { unexpected, ...counts } = await workload;
    changes = counts.rows;
    network.heal();
    say(`faults are over; workload: ${JSON.stringify(counts)}`);
    problems.push(...unexpected.map((error) => `the application's statement failed: ${error}`));

    const added = control && addedDeadlocks(counts, control);
    if (added) problems.push(added);
    await fleet.ready(READY_MS);
    await untilIdle({ url: addresses.ADMIN_MYSQL_URL, captureSchema, topics }, STALL_MS);
    const compare = () =>
      compareAll(faultTables, { url: addresses.ADMIN_MYSQL_URL, database, mongo: client, redis });
    compared = await compare();
    if (compared.differences.length > 0) {
      say(`${compared.differences.length} differences at first; once more in ${HEAL_MS / 1000} s`);
      await sleep(HEAL_MS);
      await untilIdle({ url: addresses.ADMIN_MYSQL_URL, captureSchema, topics }, STALL_MS);
      compared = await compare();
    }
    for (const { table, id, target, what } of compared.differences.slice(0, 40))
      problems.push(`${table} ${id} in ${target}: ${what}`);
    if (compared.differences.length > 0) {
      say(`${compared.differences.length} differences; history of the first rows:`);
      for (const line of await historyOf(compared.differences, faultTables, topics, folder)) say(`  ${line}`);
    }
    // Every row of this workload can be applied, so no dead letter can be explained.
    for (const letter of await topics.read('dead-letters', () => true))
      problems.push(
        `dead letter ${letter.key}: ${letter.headers['dlq.code']} ${letter.headers['dlq.reason']}`,
      );
    const { status, stdout } = spawnSync(
      process.execPath,
      [join(repositoryRoot, 'dist/apps/cli/main.js'), 'verify'],
      {
        cwd: repositoryRoot,
        env: { ...env, ...addresses },
        encoding: 'utf8',
        timeout: 120_000,
      },
    );
    if (status !== (compared.differences.length > 0 ? 2 : 0))
      problems.push(`"tributary verify" does not agree: it ended with ${status}\n${stdout.slice(-1_500)}`);
  } catch (error) {
    problems.push((error as Error).message);
    say(`services:\n${await fleet.state()}`);
  } finally {
    for (const line of fleet.ownEnds) say(`ended by itself and was started again: ${line}`);
    problems.push(...fleet.slowEnds);
    await fleet.close();
    await network.close();
    // What went wrong stays to be looked at, on servers that are nobody else's.
    if (problems.length === 0 || !stack) {
      await removeAll(addresses.ADMIN_MYSQL_URL, [database, captureSchema]);
      await client.db(database).dropDatabase();
      for await (const keys of redis.scanStream({ match: `*${database}*`, count: 1_000 }))
        if (keys.length > 0) await redis.del(keys);
      await topics.remove();
    }
    await client.close();
    redis.disconnect();
  }
  for (const problem of problems) say(`PROBLEM ${problem}`);
  say(
    `seed ${seed}: ${problems.length === 0 ? 'equal' : 'NOT EQUAL'}; ${compared.rows} rows, ${changes} changes, ${faults.length} faults, ${compared.differences.length} differences`,
  );
  const result: RunResult = {
    seed,
    seconds: durationMs / 1000,
    problems,
    faults: faults.length,
    changes,
    rows: compared.rows,
    differences: compared.differences.length,
    ownEnds: fleet.ownEnds.length,
    folder,
  };
  writeFileSync(join(folder, 'result.json'), `${JSON.stringify(result, null, 1)}\n`);
  return result;
}

const CONTROL_MS = 60_000;

/** The same statements on a database of their own, without capture and faults, for as long as is needed to compare. */
async function controlRun({ seed, durationMs, addresses }: RunOptions, database: string, folder: string) {
  const name = `${database}_control`;
  const own = join(folder, 'control');
  mkdirSync(own);
  await prepareSource(addresses.ADMIN_MYSQL_URL, name);
  try {
    const random = new SeededRandom(seed).fork('workload');
    const stop = AbortSignal.timeout(Math.min(durationMs, CONTROL_MS));
    return await runWorkload({ url: addresses.ADMIN_MYSQL_URL, database: name, folder: own, random }, stop);
  } finally {
    await removeAll(addresses.ADMIN_MYSQL_URL, [name]);
  }
}

/** The tables with some rows, which an initial load has to bring over. */
async function prepareSource(url: string, database: string): Promise<void> {
  const connection = await createConnection({ uri: url, charset: 'utf8mb4' });
  await connection.query(`CREATE DATABASE \`${database}\` CHARACTER SET utf8mb4`);
  await connection.query(`USE \`${database}\``);
  for (const { ddl } of faultTables) await connection.query(ddl);
  const ids = Array.from({ length: 200 }, (_, at) => at + 1);
  await connection.query('INSERT INTO items (id, note) VALUES ?', [ids.map((id) => [id, `first ${id}`])]);
  await connection.query('INSERT INTO bulk (src, note) VALUES ?', [ids.map((id) => [id, `first ${id}`])]);
  await connection.query('INSERT INTO parents VALUES ?', [ids.slice(0, 10).map((id) => [id, 0])]);
  await connection.query('INSERT INTO children VALUES ?', [
    ids.slice(0, 40).map((id) => [id, (id % 10) + 1, (id % 7) + 1, 0]),
  ]);
  await connection.query('INSERT INTO people VALUES ?', [
    ids.slice(0, 40).map((id) => [id, `p${id}@example.org`, `+49 ${id}000`, `first ${id}`, 'secret', id % 2]),
  ]);
  await connection.query(`INSERT INTO large VALUES (1, 0, REPEAT('large ', 100000)), (2, 0, 'small')`);
  await connection.end();
}

async function removeAll(url: string, databases: readonly string[]): Promise<void> {
  const connection = await createConnection(url);
  for (const database of databases) await connection.query(`DROP DATABASE IF EXISTS \`${database}\``);
  await connection.end();
}
