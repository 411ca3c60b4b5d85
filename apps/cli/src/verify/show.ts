import {
  differencesLeft,
  differingShare,
  SURE,
  uncheckedCandidates,
  type SettledDifference,
  type TableReport,
  type VerificationResult,
} from '@tributary/operations';
import { count, duration } from '../output/format';
import type { CommandContext } from '../run-command';
import type { VerifyOptions } from './options';

type Context = CommandContext<VerifyOptions>;

/** Characters of a value that are shown; the report file has more. */
const SHOWN = 200;

/** What a run found, for people. */
export function show({ out, options }: Context, found: VerificationResult): void {
  const { reports, examples } = found;
  const number = (head: keyof TableReport) => ({
    head,
    value: (report: TableReport) => count(report[head] as number),
    right: true,
  });
  out.table<TableReport>(
    [
      { head: 'table', value: ({ table }) => table },
      { head: 'target', value: ({ target }) => target },
      ...(['rows', 'equal', 'missing', 'extra', 'different', 'stale', 'index'] as const).map(number),
      ...(options.repair && !options.dryRun ? (['repaired', 'notRepaired'] as const).map(number) : []),
      ...(options.sample ? [{ head: 'of all rows', value: confidence }] : []),
      { head: 'time', value: ({ seconds }) => duration(seconds), right: true },
    ],
    reports,
  );
  for (const difference of examples) out.line(exampleLine(difference));
  for (const { table, target, unsettled } of reports)
    if (unsettled > 0)
      out.note(
        `${table} in ${target}: ${count(unsettled)} row(s) changed at every look, so nothing can be said of them.`,
      );
  for (const { table, target, unchecked } of reports)
    if (unchecked)
      out.note(
        `${table} in ${target}: ${count(unchecked)} more candidate(s) were too many to be looked at, so nothing is known of them: mend what is listed and verify again, or load the table again (tributary snapshot start).`,
      );
  if (options.sample)
    out.note(
      `A sample taken by chance: with ${SURE * 100} % certainty no more rows differ than the table says. Extra rows were looked for among as many entries of each target; only a whole run proves that there are none.`,
    );
  const open = differencesLeft(found);
  if (options.dryRun) out.note(plan(found));
  else if (open > 0)
    out.note(
      options.repair
        ? `${count(open)} difference(s) are left: see tributary status and tributary dlq list, and what other programs write there.`
        : `${count(open)} difference(s): mend them with tributary verify --repair.`,
    );
}

const shareOf = ({ rows, equal }: TableReport) => differingShare(rows, rows - equal);

const confidence = (report: TableReport) =>
  report.rows === 0 ? 'none sampled' : `at most ${(shareOf(report) * 100).toPrecision(2)} % differ`;

function plan({ repairs }: VerificationResult): string {
  const { write = 0, delete: deletes = 0, different = 0 } = repairs;
  return (
    `Nothing was changed. A repair would send ${count(write)} row(s) again and ${count(deletes)} delete(s)` +
    (different > 0
      ? `; ${count(different)} entry or entries have keys that no row can have: delete them by hand.`
      : '.')
  );
}

function exampleLine({ kind, table, target, key, id, columns, note, repair }: SettledDifference): string {
  const where = `${kind} ${table} in ${target}: ${key ? JSON.stringify(key) : id}`;
  const values = columns.map(
    ({ column, source, target: held }) => `${column} is ${cut(held)}, should be ${cut(source)}`,
  );
  const done = repair && `${repair.result}${repair.note ? ` (${repair.note})` : ` (${repair.action})`}`;
  return [where, ...values, ...(note ? [note] : []), ...(done ? [done] : [])].join('; ');
}

const cut = (text: string | undefined) =>
  text === undefined ? '(absent)' : text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;

/** The same as JSON. */
export const asJson = (found: VerificationResult, { options }: Context) => ({
  equal: differencesLeft(found) === 0 && found.suspended.length === 0 && uncheckedCandidates(found) === 0,
  suspended: found.suspended,
  seconds: found.seconds,
  tables: found.reports.map((report) => ({
    ...report,
    ...(options.sample && { confidence: { certainty: SURE, differingAtMost: shareOf(report) } }),
  })),
  ...(options.repair && { repairs: found.repairs }),
  examples: found.examples,
});
