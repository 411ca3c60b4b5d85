export { damagedBytes } from './damaged-bytes';
export { advertise, failNext, openKafkaProxy } from './kafka-proxy';
export { listedMetrics, metricsPage, registeredMetrics } from './metrics-page';
export { SeededRandom } from './seeded-random';
export { stackEnv, type TestServers } from './stack-env';
export { TcpProxy, type Interceptor } from './tcp-proxy';
export { uniqueName } from './unique-name';
export { waitFor, type WaitOptions } from './wait-for';
