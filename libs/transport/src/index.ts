export type { AssignedPartitions } from './assigned-partitions';
export type { Log } from './log';
export { OversizeRecordError } from './oversize';
export { backoffMs, pause, settledWithin } from './pause';
export { byteLength, type InRecord, type OutRecord, type RecordBatch } from './records';
export { RoundContext, RoundHandler, roundTransport, type Outcome, type Round } from './round-handler';
