export * from './change-log.entity';
export * from './data-source';
export * from './relay-state.entity';
export * from './snapshot-job.entity';
export * from './table-shape.entity';
