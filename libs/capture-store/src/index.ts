export { captureDataSource, endDataSource } from './capture-data-source';
export { CaptureStoreModule } from './capture-store.module';
export { SnapshotJob, type SnapshotEngine, type SnapshotJobState } from './snapshot-job.entity';
