export * from './archive-file';
export * from './collector';
export * from './insert';
export * from './load-archive';
export * from './rows';
export { countRows, notStored, type TableCounts } from './stored-rows';
