export * from './load';
export { mongoCollectionFault, mongoDatabaseFault } from './mongo-names';
export * from './sync-config';
