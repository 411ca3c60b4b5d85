import { AdminClient } from './admin-client';
import type { Kafka } from './kafka';

it('a broker that says nothing is named in the sentence about it', async () => {
  const admin = { connect: () => new Promise(() => {}), disconnect: () => Promise.resolve() };
  const kafka = { brokers: 'k1:9092', client: { admin: () => admin } } as unknown as Kafka;
  jest.useFakeTimers();
  const refused = expect(new AdminClient(kafka).topics()).rejects.toMatchObject({
    ...{ kind: 'retry', code: 'UNREACHABLE' },
    message: 'Kafka at k1:9092 does not serve requests at the moment: no answer within 20 s.',
  });
  await jest.runAllTimersAsync();
  await refused;
  jest.useRealTimers();
});
