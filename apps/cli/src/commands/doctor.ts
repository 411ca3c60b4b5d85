import type { Command } from 'commander';
import { everyServer, isIll, runDoctor, type Check } from '@tributary/operations';
import { printable } from '../output/format';
import type { Output } from '../output/output';
import { runCommand, type CommandContext } from '../run-command';

interface DoctorOptions {
  readonly json?: boolean;
}

const ILL = 2;

export function doctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('look at every precondition of every server, and say how to mend what does not hold')
    .option('--json', 'print the checks as JSON')
    .addHelpText(
      'after',
      `\nExit code: 0 all pass or warn, ${ILL} something fails, 1 could not begin.\n\nExample:\n  tributary doctor\n`,
    )
    .action(runCommand<DoctorOptions>(everyServer, doctor));
}

async function doctor({ operation, out, options }: CommandContext<DoctorOptions>): Promise<number> {
  const checks = await runDoctor(operation);
  if (options.json) out.json({ checks });
  else for (const check of checks) show(out, check);
  return isIll(checks) ? ILL : 0;
}

/** One line, and one with what to do: sentences are too long for the cells of a table. */
function show(out: Output, { level, server, sentence, fix }: Check): void {
  out.line(printable(`${level.padEnd(5)} ${server.padEnd(9)} ${sentence}`));
  if (fix !== null) out.line(printable(`      ${''.padEnd(9)} -> ${fix}`));
}
