import { Option } from 'commander';
import { mongoKinds, type MongoKind } from './state';

export type MongoChoice = 'auto' | MongoKind;

/** `--mongo`: which server speaks for MongoDB. */
export const mongoOption = () =>
  new Option('--mongo <server>', 'MongoDB server; auto: mongod where there is one, else a stand-in')
    .choices(['auto', ...mongoKinds])
    .default('auto');
