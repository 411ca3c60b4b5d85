import { Bench } from './bench';
import { readOptions } from './options';
import { hottest } from './profile';
import { logFolders } from './servers';
import { report } from './report';
import { profileFile } from './services';
import { serviceNames } from '@tributary/dev-services';

const options = readOptions(process.argv);
const startedAt = performance.now();
const say = (line: string) =>
  void process.stderr.write(
    `${((performance.now() - startedAt) / 1000).toFixed(1).padStart(7)} s  ${line}\n`,
  );

const interruption = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.on(name, () => {
    // A second one: npm and the terminal may both send the first.
    if (interruption.signal.aborted && performance.now() - interruptedAt > 500) process.exit(130);
    interruptedAt = performance.now();
    interruption.abort(new Error('The benchmark was interrupted.'));
  });
let interruptedAt = 0;
const timeout = AbortSignal.timeout(options.minutes * 60_000);
const bench = new Bench(options, say, AbortSignal.any([interruption.signal, timeout]));
try {
  const result = await bench.run();
  console.log(options.json ? JSON.stringify(result, null, 2) : `\n${report(result)}`);
} catch (error) {
  say(`The benchmark failed: ${(error as Error).message} Logs: ${logFolders.join(', ')}`);
  if (process.env['LOG_LEVEL'] === 'debug') console.error(error);
  process.exitCode = 1;
}
if (!options.keep) await bench.stop();
if (options.profile && process.exitCode === undefined)
  for (const app of serviceNames)
    console.log(`\n${app}\n${hottest(profileFile(options.profile, app)).join('\n')}`);
