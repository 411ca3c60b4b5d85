export * from './env';
export * from './health';
export * from './logger';
export * from './metrics';
export * from './run-service';
export * from './service-context';
export * from './version';
