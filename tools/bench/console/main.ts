import { setTimeout as sleep } from 'node:timers/promises';
import { loadavg } from 'node:os';
import Table from 'cli-table3';
import { Command } from 'commander';
import { makeToken, Sealer } from '@tributary/console-access';
import { ensureBuilt, startService, stopService } from '@tributary/dev-services';
import { ensureStack, mongoOption, resetStack, wholeFrom } from '@tributary/dev-stack';
import type { BenchOptions } from '../options';
import { peakMemoryMb, residentMemoryMb } from '../usage';
import { folder, WatchedPipeline } from './pipeline';

interface Options extends Pick<BenchOptions, 'mongo' | 'keep'> {
  readonly tables: number;
  readonly deadLetters: number;
  readonly bytes: number;
  readonly seconds: number;
}

const { tables, deadLetters, bytes, seconds, mongo, keep } = new Command('nx run bench:console --')
  .description(
    'Measures what the console holds in memory while four people look at all of its pages: of a pipeline with many tables, and with many dead letters.',
  )
  .option('--tables <n>', 'captured tables', wholeFrom(1), 1_000)
  .option('--dead-letters <n>', 'open dead letters', wholeFrom(1), 10_000)
  .option('--bytes <n>', 'bytes of each', wholeFrom(1), 1_000)
  .option('--seconds <n>', 'how long is looked in each state', wholeFrom(5), 60)
  .addOption(mongoOption())
  .option('--keep', 'leave the servers running', false)
  .parse()
  .opts<Options>();

const stackName = 'bench-console';
const secret = 'of this benchmark, thirty-two characters and more';
const begun = performance.now();
const say = (line: string) =>
  void process.stderr.write(`${((performance.now() - begun) / 1000).toFixed(1).padStart(7)} s  ${line}\n`);
const table = new Table({
  head: ['MB resident', 'at the end', 'at most', 'load average'],
  style: { head: [], border: [] },
});

const pages = ['overview', 'tables', 'dead-letters/groups', 'dead-letters?limit=1000', 'instances', 'config'];

/** Asks for every page again and again, as four browsers do that are looked at, one of which follows the news. */
async function look(url: string, token: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}` };
  const until = performance.now() + seconds * 1000;
  const news = new AbortController();
  const stream = await fetch(`${url}/api/v1/events`, { headers, signal: news.signal });
  const reading = stream.body!.pipeTo(new WritableStream()).catch(() => undefined);
  const person = async () => {
    while (performance.now() < until) {
      for (const page of pages) {
        const answer = await fetch(`${url}/api/v1/${page}`, { headers });
        await answer.arrayBuffer();
        // 429: more than six questions of one user at once.
        if (!answer.ok && answer.status !== 429) throw new Error(`${page}: ${answer.status}`);
      }
      await sleep(1_000);
    }
  };
  try {
    await Promise.all(Array.from({ length: 4 }, person));
  } finally {
    news.abort();
    await reading;
  }
}

await resetStack(stackName, () => undefined);
const servers = await ensureStack({ name: stackName, mysql: 'mysql', mongo, say });
const pipeline = new WatchedPipeline(servers);
try {
  ensureBuilt(['console']);
  say(`${tables} tables`);
  await pipeline.prepare(tables);
  const { MYSQL_URL, KAFKA_BROKERS, MONGODB_URI, REDIS_URL } = servers;
  const env = {
    ...{ PATH: process.env['PATH'], MYSQL_URL, KAFKA_BROKERS, MONGODB_URI, REDIS_URL },
    ...{ SYNC_CONFIG: pipeline.syncFile, CONSOLE_SECRET: secret },
  };
  const service = await startService('console', { env, folder });
  try {
    const token = await makeToken(new Sealer(secret), { name: 'bench', role: 'operator' }, 1);
    const measure = async (what: string) => {
      say(what);
      await look(`http://127.0.0.1:${service.port}`, token);
      const [now, most] = [residentMemoryMb(service.pid), peakMemoryMb(service.pid)];
      table.push([what, Math.round(now), Math.round(most), loadavg()[0]!.toFixed(1)]);
    };
    await measure(`${tables} tables`);
    await pipeline.addDeadLetters(deadLetters, bytes);
    await measure(`and ${deadLetters} dead letters`);
  } finally {
    await stopService(service);
  }
  console.log(table.toString());
} finally {
  await pipeline.close();
  if (!keep) await resetStack(stackName, () => undefined);
}
