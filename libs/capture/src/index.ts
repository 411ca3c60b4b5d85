export { bulkRanges, captureTable, logEnd, logRows, relayState, snapshotJobs } from './capture-tables';
export { planCapture, tablesOf, without, type WholePlan } from './capture-plan';
export { createCaptureSchema, dropCaptureSchema } from './capture-schema';
export * from './connect';
export * from './ddl-sentinel';
export * from './describe';
export * from './epoch';
export * from './expressions';
export * from './flavour';
export type { Finding } from './finding';
export type { FloorHold } from './open-transactions';
export * from './floor';
export * from './identifiers';
export { guardedImage } from './image-guard';
export * from './install';
export * from './keyed-rows';
export { LeaseLostError, leaseName } from './lease';
export { LogBound } from './log-bound';
export * from './log-entry';
export * from './log-identity';
export {
  closeParked,
  distrustParked,
  findParkedTables,
  findParked,
  listParked,
  parkEntries,
  readOldestParked,
  readParked,
  releaseParked,
  type ParkedBatch,
  type ParkedTable,
} from './parked-log';
export { findEntries, rowEntries, type RowEntry } from './log-lookup';
export * from './log-reader';
export * from './log-size';
export { readVerifiedAges } from './verified-ages';
export * from './log-watcher';
export * from './marker';
export {
  holdText,
  namesOf,
  oldestTransactions,
  rowWait,
  statementWait,
  tableHolders,
} from './open-transactions';
export * from './reading-plan';
export * from './reread';
export { filterFindings } from './row-filter';
export * from './row-key';
export { readShapes } from './shapes';
export { repairTarget, isMendable, missedTables, stateEffects } from './state-effects';
export * from './status';
export * from './table-fault';
export * from './table-identity';
export { longColumns, tableSelect } from './table-select';
export * from './table-views';
export { pinnedVariables } from './session';
export { ALL_UNREAD, UnreadIds } from './unread-ids';
export { captureRows, isMissing } from './not-installed';
export { planUsable, requireUsable, victims, type UsablePlan } from './usable-plan';
