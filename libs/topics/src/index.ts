export { AuditLog, type AuditEntry, type StoredAuditEntry } from './audit-log';
export { consumerGroups, loadsGroup } from './consumer-groups';
export { ensureTopics } from './ensure-topics';
export { GroupAges, type WaitingGroup } from './group-ages';
export { GroupLag } from './group-lag';
export { HeartbeatPublisher, readHeartbeats, type Heartbeat, type TableActivity } from './heartbeats';
export {
  EVERY_TABLE,
  PipelineNotes,
  type EpochDemandNote,
  type IdentityNote,
  type LoadDemandNote,
  type PauseNote,
  type NoteOf,
  type PipelineNote,
  type SuspensionNote,
} from './pipeline-notes';
export { SchemaStore } from './schema-store';
export { loadStagesOf, stagesOf, type Stage } from './stages';
export { topicPlans } from './topic-plan';
