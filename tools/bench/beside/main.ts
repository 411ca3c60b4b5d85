import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { cpuChart, delayChart, ratioChart } from './charts';
import { compared } from './figures';
import { readRun } from './run';
import { table } from './table';

const { ours, peers, name, charts } = new Command('nx run bench:beside --')
  .description(
    'Compares runs of Tributary with runs of a peer by the same harness, load and checker: a table in Markdown on standard output, and charts. It measures nothing itself.',
  )
  .requiredOption('--ours <files...>', 'results of Tributary, one JSON file for each run')
  .requiredOption('--peers <files...>', 'results of the peer')
  .option('--name <peer>', "the peer's name", 'Debezium')
  .option('--charts <folder>', 'write ratios.svg, cpu.svg and delay.svg into this folder')
  .parse()
  .opts<{ ours: string[]; peers: string[]; name: string; charts?: string }>();

try {
  const [own, other] = [ours.map(readRun), peers.map(readRun)];
  const lines = compared(own, other);
  console.log(table(lines, name));
  if (charts) {
    mkdirSync(charts, { recursive: true });
    const made = {
      'ratios.svg': ratioChart(lines, name),
      'cpu.svg': cpuChart(own, other, name),
      'delay.svg': delayChart(own, other, name),
    };
    for (const [file, text] of Object.entries(made)) writeFileSync(join(charts, file), `${text}\n`);
  }
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
