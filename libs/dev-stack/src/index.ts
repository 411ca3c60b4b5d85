export { applyAccounts } from './accounts';
export type { StackEnv } from './addresses';
export { Authority, certificateFiles, type CertificateFiles } from './certificates';
export { headlessBrowser } from './install/browser';
export { startDetached } from './detached';
export { canMakeDisks, fillDisk, freeDisk, hasDisks } from './disk';
export { withLock } from './file-lock';
export { installedSpark } from './install/spark';
export { prometheusPrograms } from './install/prometheus';
export { shellProgram } from './install/shells';
export { mongoOption, type MongoChoice } from './mongo-option';
export { repositoryRoot, stackFolder } from './paths';
export { pickPort } from './ports';
export { identify, isAlive, signal, terminate, waitForEnd, type ProcessId } from './process-id';
export { sayOnTerminal } from './progress';
export { readStackEnv } from './running';
export { kafkaTool } from './servers/kafka';
export { mariadbServer } from './servers/mariadb';
export { preferredMongo } from './servers/mongodb';
export { mysqlServer } from './servers/mysql';
export { redisServer } from './servers/redis';
export { shellLine } from './shell';
export { ownServers, startServer, stopServer } from './single-server';
export { SparkCluster } from './spark-cluster';
export { ensureStack, resetStack, stopStack } from './stack';
export {
  allStates,
  loadState,
  saveState,
  type MongoKind,
  type Provider,
  type ServerName,
  type StackState,
} from './state';
export { stackStatus } from './status';
export { wholeFrom } from './whole-from';
