import { checksOf, clockCheck, type Check } from '@tributary/kernel';
import type { mongo } from 'mongoose';

const { pass, warn } = checksOf('mongo');

/** Whether the server is fit for a target. */
export async function mongoChecks(client: mongo.MongoClient): Promise<Check[]> {
  const admin = client.db('admin');
  const asked = Date.now();
  const hello = await admin.command({ hello: 1 });
  const answered = Date.now();
  const time = hello['localTime'] as Date | undefined;
  const { w: concern } = client.options.writeConcern ?? {};
  return [
    pass('answers', 'It answers, and takes the login.'),
    ...(time ? [clockCheck('mongo', time.getTime(), asked, answered)] : []),
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
