export * from './chunk-outlet';
export * from './chunk-reader';
export * from './chunk-size';
export * from './chunk-window';
export * from './key-range';
export type * from './load-deps';
export * from './snapshot-jobs';
export * from './snapshot-progress';
export * from './snapshot-runner';
