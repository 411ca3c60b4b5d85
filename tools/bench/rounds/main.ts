import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Table from 'cli-table3';
import { Command } from 'commander';
import { advertise } from '@tributary/testing';
import Redis from 'ioredis';
import { wholeFrom, resetStack, mongoOption, type MongoChoice } from '@tributary/dev-stack';
import { serviceNames, startService, type ServiceName, type ServiceRecord } from '@tributary/dev-services';
import { orderRow } from '../order-row';
import { folder, freshServers, servicesFolder, stackName } from '../servers';
import { buildServices, stopServices } from '../services';
import { fillSource, openSource, TABLE } from '../source';
import { eventsOf } from '../stages';
import { CpuClock } from '../usage';
import { CountingProxy } from './counting-proxy';
import { mysqlStatements, redisCalls, since, type Counts } from './counts';
import { kafkaRequests, mongoRequests } from './requests';

interface Options {
  readonly rate: number;
  readonly seconds: number;
  readonly burst: number;
  readonly mongo: MongoChoice;
  readonly json: boolean;
}

const { rate, seconds, burst, mongo, json } = new Command('nx run bench:rounds --')
  .description(
    'Counts the requests that a change costs, by server and kind: lone changes at a rate, then a burst. Counts do not depend on how loaded the machine is as much as times do.',
  )
  .option('--rate <n>', 'lone changes a second', wholeFrom(1), 200)
  .option('--seconds <n>', 'how long they are made', wholeFrom(1), 10)
  .option('--burst <n>', 'changes of the burst, 100 a statement', wholeFrom(100), 10_000)
  .addOption(mongoOption())
  .option('--json', 'print the figures as JSON on standard output', false)
  .parse()
  .opts<Options>();

const say = (line: string) => void process.stderr.write(`${line}\n`);
const ROWS = 1000;

interface Phase {
  readonly changes: number;
  /** Requests for each change, by place and name. */
  readonly perChange: Record<string, Record<string, number>>;
  /** Processor milliseconds of a service for each change. */
  readonly cpuMs: Record<ServiceName, number>;
}

await stopServices(servicesFolder);
await resetStack(stackName, () => undefined);
const servers = await freshServers(mongo, say);
const proxies: CountingProxy[] = [];
try {
  buildServices(say);
  await fillSource(servers.ADMIN_MYSQL_URL, ROWS, () => undefined);
  const source = await openSource(servers.ADMIN_MYSQL_URL);
  const redis = new Redis(servers.REDIS_URL);
  const mongoHost = new URL(servers.MONGODB_URI).host;
  const mongoProxy = await CountingProxy.open(mongoHost, mongoRequests);
  proxies.push(mongoProxy);
  const mongoUrl = new URL(servers.MONGODB_URI);
  mongoUrl.host = `127.0.0.1:${mongoProxy.port}`;
  // A server that knows itself as a replica set would tell its own address, past the proxy.
  mongoUrl.searchParams.set('directConnection', 'true');
  const MONGODB_URI = mongoUrl.toString();

  const kafkas = new Map<ServiceName, CountingProxy>();
  const services: ServiceRecord[] = [];
  // The relay last: it begins the load by itself.
  for (const app of [...serviceNames].sort((a, b) => rankOf(a) - rankOf(b))) {
    const proxy = await CountingProxy.open(servers.KAFKA_BROKERS, kafkaRequests, (port) =>
      advertise(servers.KAFKA_BROKERS, port),
    );
    proxies.push(proxy);
    kafkas.set(app, proxy);
    const env = {
      ...{ PATH: process.env['PATH'], SYNC_CONFIG: join(folder, 'sync.yaml'), MONGODB_URI },
      ...{ MYSQL_URL: servers.MYSQL_URL, REDIS_URL: servers.REDIS_URL },
      KAFKA_BROKERS: `127.0.0.1:${proxy.port}`,
    };
    // No relay has said yet whose pipeline it is: the sinks are ready only after that.
    services.push(await startService(app, { env, folder: servicesFolder, readyWithinMs: 0 }));
  }
  const sinks = services.filter(({ app }) => app.endsWith('-sink'));
  const applied = () =>
    Promise.all(sinks.map((sink) => eventsOf(sink).catch(() => 0))).then((all) => Math.min(...all));
  const until = async (count: number) => {
    for (const end = performance.now() + 300_000; (await applied()) < count; await sleep(250))
      if (performance.now() > end)
        throw new Error(`only ${await applied()} of ${count} changes were applied`);
  };
  say('Load');
  await until(ROWS);
  await sleep(3000);

  const measured = async (changes: number, write: () => Promise<void>): Promise<Phase> => {
    const before = await applied();
    const counts = async (): Promise<[string, Counts][]> => [
      ...[...kafkas].map(([app, { counts: of }]): [string, Counts] => [`Kafka, ${app}`, new Map(of)]),
      ['MongoDB', new Map(mongoProxy.counts)],
      ['Redis', await redisCalls(redis)],
      ['MySQL', await mysqlStatements(source)],
    ];
    const clock = new CpuClock(
      Object.fromEntries(services.map(({ app, pid }) => [app, pid])) as Record<ServiceName, number>,
    );
    const first = new Map(await counts());
    await write();
    await until(before + changes);
    await sleep(1000);
    const last = await counts();
    const cpuMs = clock.elapsed();
    for (const app of serviceNames) cpuMs[app] = (cpuMs[app] * 1000) / changes;
    const perChange = Object.fromEntries(
      last.map(([place, now]) => [
        place,
        Object.fromEntries([...since(first.get(place)!, now)].map(([name, n]) => [name, n / changes])),
      ]),
    );
    return { changes, perChange, cpuMs };
  };
  let id = 10 * ROWS;
  const insert = (count: number) =>
    source.query(`INSERT INTO ${TABLE} VALUES ?`, [Array.from({ length: count }, () => orderRow(++id))]);

  say(`Lone changes: ${rate} a second, ${seconds} s`);
  const lone = await measured(rate * seconds, async () => {
    const begun = performance.now();
    for (let nth = 0; nth < rate * seconds; nth += 1) {
      const early = begun + (nth * 1000) / rate - performance.now();
      if (early > 0) await sleep(early);
      await insert(1);
    }
  });
  say(`Burst of ${burst}`);
  const burstOf = await measured(burst, async () => {
    for (let done = 0; done < burst; done += 100) await insert(Math.min(100, burst - done));
  });
  const result = { lone, burst: burstOf };
  console.log(json ? JSON.stringify(result, null, 2) : report(result));
  await Promise.all([source.end(), redis.quit()]);
} finally {
  await stopServices(servicesFolder);
  for (const proxy of proxies) proxy.close();
  await resetStack(stackName, () => undefined);
}

function rankOf(app: ServiceName): number {
  return app === 'trigger-relay' ? 1 : 0;
}

/** Requests for 1,000 changes, so that small ones stay readable. */
function report({ lone, burst: burstOf }: { lone: Phase; burst: Phase }): string {
  const table = new Table({
    ...{ head: ['requests for 1,000 changes', 'kind', 'lone', 'burst'], style: { head: [], border: [] } },
  });
  const text = (value: number | undefined) => (value === undefined ? '' : (value * 1000).toFixed(0));
  for (const place of Object.keys(lone.perChange)) {
    const [of, also] = [lone.perChange[place]!, burstOf.perChange[place] ?? {}];
    for (const name of [...new Set([...Object.keys(of), ...Object.keys(also)])].sort())
      if ((of[name] ?? 0) >= 0.001 || (also[name] ?? 0) >= 0.001)
        table.push([place, name, text(of[name]), text(also[name])]);
  }
  for (const app of serviceNames)
    table.push([app, 'CPU ms', text(lone.cpuMs[app]), text(burstOf.cpuMs[app])]);
  return table.toString();
}
