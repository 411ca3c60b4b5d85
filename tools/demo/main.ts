import { join } from 'node:path';
import { Demo, demoFolder, logFolders } from './demo';
import { abortOnInterruption } from './interruption';
import { readOptions } from './options';
import { Progress } from './progress';
import { takeRunLock } from './run-lock';
import { summaryTable } from './summary';

const options = readOptions(process.argv);
const progress = new Progress();

async function run(): Promise<number> {
  const release = takeRunLock(join(demoFolder, 'run.json'));
  const signal = abortOnInterruption((line) => progress.say(line));
  const demo = new Demo(options, progress, signal);
  if (options.stop) {
    await demo.stop();
    release();
    return 0;
  }
  let matched = false;
  try {
    const result = await demo.run();
    console.log(`\n${summaryTable(result)}`);
    matched = result.verdict.equal && result.deadLetters === 0;
    progress.say(matched ? '\nEvery row matched.' : `\nThe targets differ:\n${result.verdict.report}`);
  } catch (error) {
    if (!signal.aborted) progress.say(`\nThe demo failed: ${(error as Error).message}`);
    if (process.env['LOG_LEVEL'] === 'debug') console.error(error);
  }
  try {
    if (options.keep && !signal.aborted) console.log(await demo.keep());
    else await demo.stop();
  } finally {
    release();
  }
  if (!matched && !signal.aborted) progress.say(`Logs: ${logFolders.join(', ')}`);
  return signal.aborted ? 130 : matched ? 0 : 1;
}

try {
  process.exitCode = await run();
} catch (error) {
  progress.say(`demo: ${(error as Error).message}`);
  process.exitCode = 1;
}
