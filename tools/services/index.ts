export { killService, listServices, startService, stopService } from './service-process';
export { serviceNames, type ServiceName, type ServiceRecord } from './service-record';
