import { processUser, verifyDefaults, type VerificationInput } from '@tributary/operations';
import { Progress } from '../output/progress';
import type { VerifyOptions } from './options';
import type { ReportFile } from './report-file';

/** What is asked for, with bars or lines for each run and the report beside them. */
export function verificationInput(options: VerifyOptions, report: ReportFile | undefined): VerificationInput {
  let progress = new Progress('rows');
  const { table, target, sample, rate, repairRate, examples } = options;
  const { engine, remote, master, worker, rangeRows, parallel = verifyDefaults.parallel } = options;
  return {
    ...{ table, target, sample, rate, parallel, repairRate, examples, by: processUser() },
    ...(engine === 'spark' && { spark: { remote, master, worker, rangeRows } }),
    repair: options.dryRun ? 'plan' : options.repair ? 'do' : undefined,
    patienceMs: options.patience * 1000,
    onDifference: (difference) => report?.write(difference),
    onRows: (name, done, total) => progress.update(name, done, total),
    onTableEnd: (name) => progress.finish(name),
    onEnd: () => {
      progress.stop();
      progress = new Progress('rows');
    },
  };
}
