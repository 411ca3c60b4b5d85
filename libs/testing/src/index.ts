export { stackEnv, type TestServers } from './stack-env';
export { uniqueName } from './unique-name';
export { waitFor, type WaitOptions } from './wait-for';
