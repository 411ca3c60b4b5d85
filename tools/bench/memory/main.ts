import Table from 'cli-table3';
import { serviceNames } from '@tributary/dev-services';
import { MemoryBench, memoryLogFolders } from './memory-bench';
import { readMemoryOptions } from './options';

const options = readMemoryOptions(process.argv);
const startedAt = performance.now();
const say = (line: string) =>
  void process.stderr.write(
    `${((performance.now() - startedAt) / 1000).toFixed(1).padStart(7)} s  ${line}\n`,
  );

const interruption = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.once(name, () => interruption.abort(new Error('The benchmark was interrupted.')));
const timeout = AbortSignal.timeout(options.minutes * 60_000);
const bench = new MemoryBench(options, say, AbortSignal.any([interruption.signal, timeout]));
try {
  await bench.run();
} catch (error) {
  say(`The benchmark failed: ${(error as Error).message} Logs: ${memoryLogFolders.join(', ')}`);
  if (process.env['LOG_LEVEL'] === 'debug') console.error(error);
  process.exitCode = 1;
}
if (options.json) console.log(JSON.stringify(bench.figures, null, 2));
else {
  const head = [`peak RSS, MB (limit ${options.limit})`, ...serviceNames, 'seconds', 'load average'];
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const { what, peakMb, seconds, loadAverage } of bench.figures)
    table.push([
      what,
      ...serviceNames.map((app) => `${Math.round(peakMb[app])}${peakMb[app] > options.limit ? ' !' : ''}`),
      Math.round(seconds),
      loadAverage.toFixed(1),
    ]);
  console.log(table.toString());
}
const over = bench.figures.some(({ peakMb }) => serviceNames.some((app) => peakMb[app] > options.limit));
if (over) process.exitCode = 1;
if (!options.keep) await bench.stop();
