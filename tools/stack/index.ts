export type { StackEnv } from './addresses';
export { readStackEnv } from './running';
export { kafkaTool } from './servers/kafka';
export { startServer, stopServer } from './single-server';
export { ensureStack, resetStack, stopStack } from './stack';
export { stackStatus } from './status';
export type { Provider, ServerName } from './state';
