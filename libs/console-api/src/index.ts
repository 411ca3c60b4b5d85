export { type AuditEntry } from './audit';
export { type DeadLetterGroup, type DeadLetterLine } from './dead-letters';
export { problem, type Endpoint, type Problem } from './endpoint';
export {
  endpoints,
  type AnswerOf,
  type BodyInputOf,
  type BodyOf,
  type Endpoints,
  type Operation,
  type ParamsOf,
  type QueryInputOf,
  type QueryOf,
} from './endpoints';
export { type Instance } from './fleet';
export { liveEvents, type LiveEvent, type LiveEventName } from './live-events';
export { type Overview } from './overview';
export { type RowHistory, type RowTrace } from './rows';
export { type Session } from './session';
export { type Snapshot } from './snapshots';
export { type Table, type TableDetail } from './tables';
export { type VerificationDetail, type VerificationSummary } from './verifications';
