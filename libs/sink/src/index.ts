export * from './sink-pipeline';
