export type { StackEnv } from './addresses';
export { readStackEnv } from './running';
export { kafkaTool } from './servers/kafka';
export { startServer, stopServer } from './single-server';
export { ensureStack, resetStack, stopStack, type StackOptions } from './stack';
export { stackStatus, type ServerStatus } from './status';
export type { MongoKind, MysqlChoice, Provider, ServerName } from './state';
