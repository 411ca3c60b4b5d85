export { sameColumn, type ColumnSettings } from './column-settings';
export * from './load';
export { mongoCollectionFault, mongoDatabaseFault } from './targets/mongo-names';
export * from './sync-config';
export { placeText, redisKeyPattern, textOfPlace, type RedisKeyPattern } from './targets/redis-key-pattern';
export type { Compression } from './schema';
export { keyCollisions, sinkApp, sinkApps, targetNames, targetSettings, type TargetName } from './targets';
export { mongoSpec, type MongoSettings } from './targets/mongo';
export { redisSpec } from './targets/redis';
export { targetSpecs } from './targets/registry';
export { commonOptions, targetSpec, type TargetSpec } from './targets/target-spec';
export { envPart, Environment, type EnvPart, type Variables } from './env-part';
export {
  certificatesOf,
  certificateVariables,
  choiceVariable,
  portVariable,
  requiredVariable,
  urlVariable,
  type Certificates,
} from './env-variables';
