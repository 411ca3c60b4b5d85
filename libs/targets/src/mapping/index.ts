export { mongoDocument, mongoId, mongoMapper, type MongoId, type MongoMapper } from './mongo-document';
export { plainNumber, versionLong } from './exact-number';
export { keyOfMongoId } from './key-of-mongo-id';
export { keyOfParts, keyOfText } from './key-of-text';
export { redisIndexMember, redisKey, redisKeyOf, redisKeysOfMember, type RedisKeys } from './redis-key';
export { redisFields, redisMapper, type RedisText } from './redis-row';
export { UnmappableError } from './unmappable';
