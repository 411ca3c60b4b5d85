import { openMysql, type TablePlan } from '@tributary/capture';
import { imageSize, imageText, type Image, type WireRow } from '@tributary/contract';
import { fatal, freeLarge } from '@tributary/kernel';
import { ChunkReader, SourceTable } from '@tributary/snapshot';
import { targetPlugins, type ScanRules, type ViewedRow } from '@tributary/targets';
import type { TaskWork } from '../worker/task-worker';
import { scanOutlet, type ScanOutlet } from './scan-outlet';
import { sourceTask, type ScanResult, type SourceTask } from './scan-task';
import { ScannedTables, type ScanSource } from './scanned-tables';

/** Tells of the rows of key ranges of the source what each target must hold; no target is asked. */
export function sourceScanWork(source: ScanSource): TaskWork<SourceTask, ScanResult> {
  const tables = new ScannedTables(source);
  return {
    schema: sourceTask,
    async *run(task) {
      const plan = await tables.of(task);
      const outlet = scanOutlet(task, 'source');
      const take = rowTaker(plan, task.targets, outlet);
      const { wanted } = outlet;
      const reading = wanted
        ? wantedRows(source, plan, task, wanted, take)
        : allRows(source, plan, task, take);
      for await (const taken of reading) if (taken > 0) yield* outlet.lines();
      yield* outlet.end();
    },
    close: async () => undefined,
  };
}

type Take = (row: ViewedRow, bytes?: number) => void;

/** Each row is done with when it is read, so that nothing but its entries is held of it. */
async function* allRows(
  { mysqlUrl }: ScanSource,
  plan: TablePlan,
  { lower, upper }: SourceTask,
  take: Take,
): AsyncGenerator<number> {
  const { key } = plan.schema;
  const reader = new ChunkReader(() => openMysql(mysqlUrl), plan, null);
  const taken = reader.slices(lower, upper, ({ key: keyJson, image }) => {
    const bytes = imageSize(image);
    // What was read to make it is garbage by now, and so is its text once it is parsed (R13).
    freeLarge(bytes);
    const row = JSON.parse(textOf(image)) as WireRow;
    freeLarge(bytes);
    take({ keyJson, row, key: Object.fromEntries(key.map((field) => [field, row[field]!])) }, bytes);
    return true;
  });
  try {
    for await (const { length } of taken) yield length;
  } finally {
    reader.close();
  }
}

/** Of a large image, whose bytes are given up: nobody needs them any more, and they would stand beside all that is made of them. */
function textOf(image: Image): string {
  const text = imageText(image);
  if (typeof image !== 'string') (image as Buffer[]).length = 0;
  return text;
}

/** Reads all keys, and the rows of those whose names are wanted. */
async function* wantedRows(
  { mysqlUrl }: ScanSource,
  plan: TablePlan,
  { lower, upper, targets }: SourceTask,
  wanted: (name: string) => boolean,
  take: Take,
): AsyncGenerator<number> {
  const table = new SourceTable(plan, () => openMysql(mysqlUrl));
  const namesOf = targets.map((target) => scanRules(target).names(plan));
  const isWanted = (row: Pick<ViewedRow, 'keyJson' | 'key'>) =>
    namesOf.some((names) => names(row).some(({ name }) => wanted(name)));
  const connection = await openMysql(mysqlUrl);
  try {
    for await (const all of table.keys(lower, upper)) {
      const keys = all.filter(isWanted).map(({ key }) => key);
      for await (const rows of table.rowsOf(connection, keys)) {
        for (const row of rows) take(row, row.bytes);
        yield rows.length;
      }
    }
  } finally {
    connection.destroy();
  }
}

function rowTaker(plan: TablePlan, targets: readonly string[], outlet: ScanOutlet): Take {
  const expected = targets.map((target) => ({ target, of: scanRules(target).expected(plan) }));
  return (row, bytes = 0) => {
    for (const { target, of } of expected) {
      for (const entry of of(row)) outlet.add(target, entry, () => row.keyJson);
      // Each target makes another form of it.
      freeLarge(bytes);
    }
  };
}

/** Throws a fatal SyncError for a target that only one process can compare. */
export function scanRules(name: string): ScanRules {
  const rules = targetPlugins.find((plugin) => plugin.name === name)?.scan;
  if (rules) return rules;
  throw fatal('TARGET', `Workers cannot scan the target ${name}: verify it with --engine node.`);
}
