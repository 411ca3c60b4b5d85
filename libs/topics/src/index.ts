export { AuditLog, type AuditEntry, type StoredAuditEntry } from './audit-log';
export { consumerGroups } from './consumer-groups';
export { ensureTopics } from './ensure-topics';
export { GroupLag } from './group-lag';
export { HeartbeatPublisher, readHeartbeats, type Heartbeat, type TableActivity } from './heartbeats';
export {
  EVERY_TABLE,
  PipelineNotes,
  type EpochDemandNote,
  type IdentityNote,
  type LoadDemandNote,
  type NoteOf,
  type PipelineNote,
  type SuspensionNote,
} from './pipeline-notes';
export { SchemaStore } from './schema-store';
export { stagesOf } from './stages';
export { topicPlans } from './topic-plan';
