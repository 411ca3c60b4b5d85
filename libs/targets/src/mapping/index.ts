export {
  mongoDocument,
  mongoId,
  mongoMapper,
  type MongoDocument,
  type MongoId,
  type MongoMapper,
} from './mongo-document';
export { redisIndexMember, redisKey, redisKeyOf, type RedisKeyOf, type RedisKeys } from './redis-key';
export { redisFields, redisMapper, type RedisMapper, type RedisText } from './redis-row';
export { UnmappableError } from './unmappable';
