export * from './chunk-outlet';
export * from './chunk-reader';
export * from './chunk-size';
export * from './chunk-window';
export * from './key-range';
export * from './snapshot-jobs';
export * from './snapshot-runner';
