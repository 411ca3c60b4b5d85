import { KafkaJSOffsetOutOfRange, KafkaJSProtocolError } from 'kafkajs';
import { clientGroup } from './client-group.fixture';
import { mendSilentPositionReset } from './silent-position-reset';

it('still needed: the client sets its position to the default by itself when that is out of range', async () => {
  const after = async () => {
    const commits: object[] = [];
    const group = clientGroup({ request: (name, body) => void (name === 'commit' && commits.push(body)) });
    await group.joinAndSync();
    group.offsetManager.resolveOffset({ topic: 't', partition: 0, offset: '41' });
    const place = { topic: 't', partition: 0 };
    await group.recoverFromFetch(
      new KafkaJSOffsetOutOfRange(
        new KafkaJSProtocolError({ type: 'OFFSET_OUT_OF_RANGE', code: 1 } as never),
        place,
      ),
    );
    return { commits, group };
  };
  expect((await after()).commits).toMatchObject([
    { topics: [{ topic: 't', partitions: [{ partition: 0, offset: '-2' }] }] },
  ]);
  mendSilentPositionReset();
  const { commits, group } = await after();
  expect(commits).toEqual([]);
  expect(String(group.offsetManager.nextOffset('t', 0))).toBe('42');
});
