import { eventKeyWriter } from '@tributary/contract';
import { uniqueName, waitFor } from '@tributary/testing';
import { GroupAges, topicPlans } from '../src';
import { Pipelines } from './support';

jest.setTimeout(60_000);

const DAY_MS = 86_400_000;

describe('GroupAges', () => {
  const bench = new Pipelines();
  const kafka = bench.kafka();
  const publisher = kafka.publisher();
  const admin = kafka.client.admin();

  beforeAll(() => Promise.all([publisher.start(), admin.connect()]));
  afterAll(async () => {
    await publisher.stop();
    await admin.disconnect();
    await bench.clear();
  });

  const confirm = (groupId: string, topic: string, offset: number) =>
    admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: String(offset) }] });

  it('tells of groups that do not get on how old their next record is, and how long Kafka keeps it', async () => {
    const config = await bench.pipeline(2);
    const topic = config.topics.validated;
    const [group, fresh] = [uniqueName('topics_behind'), uniqueName('topics_fresh')];
    const ages = new GroupAges(
      kafka,
      [group, fresh].map((name) => ({ group: name, topic })),
      topicPlans(config),
    );
    const publish = (table: string) =>
      publisher.send(topic, [{ key: eventKeyWriter(table)('{"id":1}'), value: '{}', partition: 0 }]);
    await confirm(group, topic, 0);
    expect(await ages.read()).toEqual([]);
    const before = Date.now();
    await publish('d.a');
    await publish('d.b');
    // It came since the look before: nobody has waited yet.
    expect(await ages.read()).toEqual([]);
    const found = await ages.read();
    expect(found.map(({ stage, oldest }) => [stage.group, [...oldest.keys()].sort()])).toEqual([
      [group, ['d.a', 'd.b']],
      [fresh, ['d.a', 'd.b']],
    ]);
    expect(Math.abs(found[0]!.oldest.get('d.a')! - before)).toBeLessThan(5_000);
    // Seven days, as the topic is made; a group that has confirmed nothing has nothing to lose.
    expect(Math.abs(found[0]!.deletedAtMs! - before - 7 * DAY_MS)).toBeLessThan(5_000);
    expect(found[1]!.deletedAtMs).toBeNull();

    await admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: 2, name: topic, configEntries: [{ name: 'retention.ms', value: String(DAY_MS) }] }],
    });
    await confirm(group, topic, 1);
    await waitFor(async () => {
      const [behind] = await ages.read();
      return [...behind!.oldest.keys()].join() === 'd.b' && behind!.deletedAtMs! - before < 2 * DAY_MS;
    });
    await confirm(group, topic, 2);
    await confirm(fresh, topic, 2);
    await waitFor(async () => (await ages.read()).length === 0);
    await ages.close();
  });
});
