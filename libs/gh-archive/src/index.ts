export * from './archive-file';
export * from './collector';
export * from './insert';
export * from './load-archive';
export * from './rows';
export { countRows, type TableCounts } from './stored-rows';
