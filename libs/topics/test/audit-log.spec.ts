import { AuditLog, type AuditEntry } from '../src';
import { Pipelines } from './support';

jest.setTimeout(60_000);

describe('the audit log', () => {
  const pipelines = new Pipelines();
  const publisher = pipelines.kafka().publisher();
  const { prefix } = pipelines.config(1);
  const log = new AuditLog(pipelines.kafka(), prefix);
  const entry = (who: string, action: string): AuditEntry => ({
    ...{ at: '2026-01-01T00:00:00.000Z', who, role: 'operator', from: '127.0.0.1', action },
    ...{ input: { table: 'shop.orders' }, reason: null, outcome: 'done', detail: 'paused' },
  });

  beforeAll(() => publisher.start());
  afterAll(async () => {
    await pipelines.kafka().admin().deleteTopics([log.topic]);
    await publisher.stop();
    await pipelines.clear();
  });

  it('makes its topic, keeps every entry, and gives the newest first', async () => {
    expect(await log.newest(10)).toEqual([]);
    for (const action of ['one', 'two', 'three']) await log.write(publisher, entry('ann', action));
    await publisher.send(log.topic, [{ key: 'x', value: 'no entry', partition: 0 }]);
    expect((await log.newest(10)).map(({ id, action }) => [id, action])).toEqual([
      ['2', 'three'],
      ['1', 'two'],
      ['0', 'one'],
    ]);
    expect(await log.newest(2)).toEqual([{ ...entry('ann', 'three'), id: '2' }]);
    const other = new AuditLog(pipelines.kafka(), prefix);
    expect(await other.newest(1_000)).toHaveLength(3);
  });

  it('tells of entries that come, whoever writes them', async () => {
    const stop = new AbortController();
    const seen: string[] = [];
    const following = (async () => {
      for await (const { action } of log.follow(stop.signal)) if (seen.push(action) === 2) stop.abort();
    })();
    const other = new AuditLog(pipelines.kafka(), prefix);
    const writing = setInterval(() => void other.write(publisher, entry('bob', 'resume')), 200);
    await following;
    clearInterval(writing);
    expect(seen).toEqual(['resume', 'resume']);
  });
});
