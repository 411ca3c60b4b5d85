import { setImmediate as soon } from 'node:timers/promises';
import { clientGroup, plainAssigner } from './client-group.fixture';
import { mendUnannouncedLeaving, withFarewell } from './unannounced-leaving';

it('still needed: the client waits for nobody before it joins anew or leaves', async () => {
  const order: string[] = [];
  const request = (name: string) => void order.push(name);
  const farewell = async () => {
    await soon();
    order.push('farewell');
  };
  // All that the client tells anybody.
  const hook = () => void farewell();
  const protocol = () => (hook(), {});
  const rejoin = async (group: ReturnType<typeof clientGroup>) => {
    await group.joinAndSync();
    await soon();
    await soon();
    order.length = 0;
    await group.joinAndSync();
    await group.leave();
    await soon();
    await soon();
    return order;
  };

  const told = clientGroup({ request, event: hook, assigner: { ...plainAssigner(), protocol } });
  expect((await rejoin(told))[0]).toBe('join');

  mendUnannouncedLeaving();
  const assigner = withFarewell(() => plainAssigner() as never, farewell)({} as never);
  expect(await rejoin(clientGroup({ request, assigner }))).toEqual([
    ...['farewell', 'join', 'sync'],
    ...['farewell', 'leave'],
  ]);
});
