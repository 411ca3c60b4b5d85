export * from './change-event.dto';
export * from './compiled-dto';
export * from './github.dto';
export * from './key.dto';
export * from './row-dto-registry';
export * from './row-validator';
export { compileSpanCheck, type SpanCheck } from './span-check';
