export { sameColumn, type ColumnSettings } from './column-settings';
export * from './load';
export { mongoCollectionFault, mongoDatabaseFault } from './mongo-names';
export * from './sync-config';
export { placeText, redisKeyPattern, textOfPlace, type RedisKeyPattern } from './redis-key-pattern';
export type { Compression } from './schema';
export { keyCollisions } from './key-collisions';
