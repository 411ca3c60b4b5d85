export { killService, listServices, startService, stopService } from './service-process';
export { consoleAddress } from './console-address';
export {
  runningRecords,
  serviceNames,
  type ProcessName,
  type ServiceName,
  type ServiceRecord,
} from './service-record';
export { ensureBuilt } from './ensure-built.cjs';
export { askReady, lastMessage, waitUntilReady } from './readiness';
export { memoryEnv } from './service-env';
