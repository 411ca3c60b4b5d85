export * from './sink-pipeline';
export { sinkListener } from './sink-listener';
