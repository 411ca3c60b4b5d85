import type { mongo } from 'mongoose';
import { checksOf, clockCheck, type Check } from './check';

const { pass, warn } = checksOf('mongodb');

export async function mongodbChecks(client: mongo.MongoClient, uri: string): Promise<Check[]> {
  const admin = client.db('admin');
  const asked = Date.now();
  const hello = await admin.command({ hello: 1 });
  const answered = Date.now();
  const time = hello['localTime'] as Date | undefined;
  const concern = /[?&]w=([^&]*)/.exec(uri)?.[1];
  return [
    pass('answers', 'It answers, and takes the login.'),
    ...(time ? [clockCheck('mongodb', time.getTime(), asked, answered)] : []),
    hello['setName'] || hello['msg'] === 'isdbgrid'
      ? pass('replicas', 'It is a replica set or a cluster.')
      : warn(
          'replicas',
          'It is a single server: while it is down MongoDB gets no changes, and what it loses comes back only from the topics or a snapshot.',
          'Use a replica set of three in production.',
        ),
    concern === undefined || concern === 'majority'
      ? pass('writes', 'A write counts once a majority has it.')
      : warn(
          'writes',
          `MONGODB_URI says w=${concern}, so a failover can take back what was acknowledged.`,
          'Take w out of MONGODB_URI, or set w=majority.',
        ),
  ];
}
