export { serviceEnv } from './service-env';
export {
  killService,
  listServices,
  startService,
  stopService,
  type ServiceStatus,
  type StartOptions,
} from './service-process';
export { defaultFolder, serviceNames, type ServiceName, type ServiceRecord } from './service-record';
