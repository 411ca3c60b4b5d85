export {
  differingRow,
  fileResult,
  type FileReport,
  type FileTask,
  type IdsTask,
  writeResult,
} from './import/import-tasks';
export { readFileWork } from './import/read-file';
export { checkRowsWork, storedIdsWork, writeRowsWork } from './import/stored-rows';
export { BulkJobs, type JobProgress } from './load/bulk-jobs';
export { BulkLoad } from './load/bulk-load';
export { loadResult, type LoadResult, type LoadTask, type LoadWay } from './load/load-task';
export { loadWork } from './load/load-work';
export { takeFloor, type JobFloor } from './load/take-floor';
export { rangeRows } from './load/range-plan';
export { exitCodes } from './worker/exit-codes';
export { serveTasks, type TaskWork } from './worker/task-worker';
export { bucketSetText } from './scan/bucket-set';
export { sourceScanWork } from './scan/scan-source';
export { scanPlan, type ScanPlan } from './scan/scan-plan';
export { candidatesSql, sumsSql, type ListSums, type ScanCandidate } from './scan/scan-sql';
export { targetScanWork } from './scan/scan-target';
export type { ScanSource } from './scan/scanned-tables';
