import { envPart, mongoSpec, urlVariable } from '@tributary/sync-config';
import type { Connection } from 'mongoose';
import { MAPPING } from '../sink/table-fitness';
import type { ConnectedTarget, TargetListener, TargetPlugin } from '../target-plugin';
import { connectMongo } from './connect-mongo';
import { mongoChecks } from './mongo-checks';
import { usualPatience } from './doubts';
import { MONGO_ID, mongoMisfit } from './mongo-misfit';
import { mongoPlace } from './mongo-place';
import { MongoPlaces } from './mongo-places';
import { MongoPositions } from './mongo-positions';
import { MongoSweepNotes } from './mongo-sweep-notes';
import { MongoVersions } from './mongo-versions';
import { MongoWriter } from './mongo-writer';
import { mongoExpected, mongoNames } from './scan/mongo-expected';
import { mongoParts } from './scan/mongo-parts';
import { MongoScan } from './scan/mongo-scan';
import { collectionSchemas } from './schema/collection-schemas';
import { MongoView } from './view/mongo-view';

interface MongoAddress {
  readonly uri: string;
}

/** MongoDB, or any server of its protocol. */
export const mongoTarget: TargetPlugin<MongoAddress> = {
  ...{ name: mongoSpec.name, spec: mongoSpec },
  env: {
    variable: 'MONGODB_URI',
    part: envPart(
      {
        MONGODB_URI: urlVariable(
          'MONGODB_URI',
          ['mongodb:', 'mongodb+srv:'],
          'mongodb://user:password@host:27017',
        ),
      },
      ({ MONGODB_URI: uri }) => ({ uri }),
    ),
  },
  place: mongoPlace,
  surfaces: ({ mongo: { database, collection } }) => [`${database}\0${collection}`],
  words: {
    where: (id) => `the MongoDB collection ${id}`,
    elsewhere: 'another mongo.database or mongo.collection',
  },
  misfit: mongoMisfit,
  misfitCodes: [MONGO_ID, MAPPING],
  scan: { expected: mongoExpected, names: mongoNames, parts: mongoParts },
  keepsSchemas: true,
  async connect({ uri }, listener) {
    return connectedMongo(await connectMongo(uri), listener);
  },
};

/** On a connection that is open. */
export function connectedMongo(
  connection: Connection,
  { onWarning }: Pick<TargetListener, 'onWarning'>,
): ConnectedTarget {
  const client = connection.getClient();
  return {
    writer: new MongoWriter(connection, usualPatience, (message) => onWarning('VALIDATOR', message)),
    positions: (group, topic) => new MongoPositions(connection, group, topic),
    sweepNotes: (group) => new MongoSweepNotes(connection, group),
    places: new MongoPlaces(connection),
    versions: new MongoVersions(client),
    view: (table) => new MongoView(table, client),
    scan: (table) => new MongoScan(table, client),
    examine: () => mongoChecks(client),
    schemas: (tables) => collectionSchemas(client, tables),
  };
}
