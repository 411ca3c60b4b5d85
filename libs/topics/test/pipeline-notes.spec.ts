import { PipelineNotes, type PipelineNote } from '../src';
import { Pipelines, silent } from './support';

const bench = new Pipelines();
afterAll(() => bench.clear());

const load: PipelineNote = { kind: 'load', app: 'a', table: 'd.t', reason: 'r', at: '2026-11-28T00:00:00Z' };
const identity = (epoch: number): PipelineNote => ({
  ...{ kind: 'identity', pipeline: 'p', incarnation: 'i', name: 'n', at: '2026-11-28T00:00:00Z' },
  epoch,
});

describe('pipeline notes', () => {
  it('the newest note of a subject counts, one taken back is gone, and odd records are skipped', async () => {
    const { topics } = await bench.pipeline();
    const publisher = bench.kafka().publisher();
    const notes = new PipelineNotes(bench.kafka(), topics.notes, silent);
    await publisher.start();
    await notes.refresh();
    expect(notes.identity).toBeUndefined();
    await notes.put(publisher, identity(1));
    await notes.put(publisher, load);
    await notes.refresh();
    expect([notes.identity?.epoch, notes.of('load')]).toEqual([1, [load]]);
    await publisher.send(topics.notes, [{ key: 'load/x', value: 'no json', partition: 0 }]);
    await notes.put(publisher, identity(2));
    await notes.remove(publisher, load);
    const other = new PipelineNotes(bench.kafka(), topics.notes, silent);
    for (const reader of [notes, other]) {
      await Promise.all([reader.refresh(), reader.refresh()]);
      expect([reader.identity?.epoch, reader.of('load')]).toEqual([2, []]);
      await reader.close();
    }
    await publisher.stop();
  });

  it('a table can be paused in the relay and in a target: these are notes of their own', async () => {
    const { topics } = await bench.pipeline();
    const publisher = bench.kafka().publisher();
    const notes = new PipelineNotes(bench.kafka(), topics.notes, silent);
    await publisher.start();
    const paused = {
      kind: 'paused',
      table: 'd.t',
      by: 'me',
      reason: '',
      at: '2026-11-28T00:00:00Z',
    } as const;
    const inMongo = { ...paused, target: 'mongo' };
    await notes.put(publisher, paused);
    await notes.put(publisher, inMongo);
    await notes.refresh();
    expect(notes.of('paused')).toEqual([paused, inMongo]);
    await notes.remove(publisher, paused);
    await notes.refresh();
    expect(notes.of('paused')).toEqual([inMongo]);
    await notes.close();
    await publisher.stop();
  });
});
