import Table from 'cli-table3';
import { Command, Option } from 'commander';
import { wholeFrom } from '@tributary/dev-stack';
import { cpuSeconds } from '../usage';
import { benchTable } from './changes';
import { openWriter } from './counted-writers';
import { phases } from './phases';

interface Options {
  readonly url: string;
  readonly pid: number;
  readonly rows: number;
  readonly batches: number;
  readonly rounds: number;
  readonly layout: string;
}

const { url, pid, rows, batches, rounds, layout } = new Command('nx run bench:writes --')
  .description(
    'Measures what the writer of a target costs a row, in its own process and in the server, and how many commands a batch takes.',
  )
  .requiredOption('--url <url>', 'mongodb://... or redis://... of a server that nobody else uses')
  .requiredOption('--pid <pid>', 'process of that server', wholeFrom(1))
  .option('--rows <n>', 'rows of a batch', wholeFrom(10), 500)
  .option('--batches <n>', 'batches of each kind', wholeFrom(1), 40)
  .option('--rounds <n>', 'repetitions, of which the least time counts', wholeFrom(1), 5)
  .addOption(
    new Option('--layout <layout>', 'layout in Redis').choices(['hash', 'json', 'fields']).default('hash'),
  )
  .parse()
  .opts<Options>();

interface Figures {
  writerUs: number;
  serverUs: number;
  commands: string;
}

const table = benchTable(layout);
const figures = new Map<string, Figures>();

/** The first round counts commands, the others measure. */
for (let round = 0; round <= rounds; round += 1) {
  const bench = await openWriter(url, round === 0);
  try {
    for (const { name, batches: make } of phases(table, rows, batches, round)) {
      const work = make();
      const total = work.reduce((sum, changes) => sum + changes.length, 0);
      await bench.commands();
      const [served, own] = [cpuSeconds(pid), process.cpuUsage()];
      for (const changes of work) await bench.writer.apply(changes);
      const used = process.cpuUsage(own);
      const serverUs = ((cpuSeconds(pid) - served) * 1e6) / total;
      const writerUs = (used.user + used.system) / total;
      const known = figures.get(name);
      if (!known) {
        const counts = [...(await bench.commands())].map(
          ([command, count]) => `${command} ${Number((count / work.length).toFixed(1))}`,
        );
        figures.set(name, { writerUs: Infinity, serverUs: Infinity, commands: counts.join(', ') });
      } else {
        known.writerUs = Math.min(known.writerUs, writerUs);
        known.serverUs = Math.min(known.serverUs, serverUs);
      }
    }
  } finally {
    await bench.close();
  }
}

const lines = new Table({
  head: ['', 'writer, us a row', 'server, us a row', 'commands a batch'],
  style: { head: [], border: [] },
});
for (const [name, { writerUs, serverUs, commands }] of figures)
  lines.push([name, writerUs.toFixed(1), serverUs.toFixed(1), commands]);
console.log(`Batches of ${rows} rows; the least of ${rounds} rounds\n${lines.toString()}`);
