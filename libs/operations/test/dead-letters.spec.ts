import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeadLetterWriter } from '@tributary/dead-letters';
import { ensureTopics } from '@tributary/topics';
import { uniqueName } from '@tributary/testing';
import { discardDeadLetters, listDeadLetters, replayDeadLetters, Servers, showDeadLetter } from '../src';

jest.setTimeout(60_000);

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** Without the command line, as a console would use them. */
describe('use cases of dead letters', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-operations-'));
  const before = process.env['SYNC_CONFIG'];
  const notes: string[] = [];
  let servers: Servers;

  beforeAll(async () => {
    const file = join(folder, 'sync.yaml');
    writeFileSync(
      file,
      `topics: { prefix: ${uniqueName('ops')}, partitions: 1 }\ntables: [{ table: a.b }]\n`,
    );
    process.env['SYNC_CONFIG'] = file;
    servers = new Servers({ kafka: true }, silent);
    await ensureTopics(servers.kafka, servers.config);
    const publisher = servers.kafka.publisher();
    await publisher.start();
    const { topics } = servers.config;
    await new DeadLetterWriter(publisher, topics.deadLetters, 'validator').send(
      [1, 2].map((id) => ({
        record: {
          ...{ key: Buffer.from(`{"table":"a.b","key":{"id":${id}}}`), value: Buffer.from('{broken') },
          ...{ headers: {}, offset: String(id), timestamp: '0' },
        },
        batch: { topic: topics.changes, partition: 0 },
        rejection: { code: 'MALFORMED_JSON', reason: 'no JSON' },
      })),
    );
    await publisher.stop();
  });

  afterAll(async () => {
    if (before === undefined) delete process.env['SYNC_CONFIG'];
    else process.env['SYNC_CONFIG'] = before;
    rmSync(folder, { recursive: true });
    await servers.kafka.admin().deleteTopics(Object.values(servers.config.topics));
    await servers.close();
  });

  const context = (signal?: AbortSignal) => ({
    ...{ servers, log: silent, note: (sentence: string) => notes.push(sentence) },
    ...(signal && { signal }),
  });
  const all = { filter: {}, limit: Infinity };

  it('answer instead of printing', async () => {
    const printed = [jest.spyOn(process.stdout, 'write'), jest.spyOn(process.stderr, 'write')];
    const { total, newest } = await listDeadLetters(context(), all);
    expect([total, newest.map(({ id }) => id)]).toEqual([2, ['0:0', '0:1']]);
    expect(await showDeadLetter(context(), '0:0')).toMatchObject({ value: '{broken' });
    await expect(showDeadLetter(context(), '0:7')).rejects.toMatchObject({ kind: 'fatal', code: 'DLQ' });
    for (const stream of printed) {
      expect(stream).not.toHaveBeenCalled();
      stream.mockRestore();
    }
  });

  it('end where the signal says, and leave open what was not worked on', async () => {
    const reason = new Error('The person has gone.');
    const gone = context(AbortSignal.abort(reason));
    await expect(discardDeadLetters(gone, all)).rejects.toBe(reason);
    await expect(replayDeadLetters(gone, { ...all, wait: false, patienceMs: 1 })).rejects.toBe(reason);
    await expect(listDeadLetters(gone, all)).rejects.toBe(reason);
    expect((await listDeadLetters(context(), all)).total).toBe(2);
  });

  it('R11: replay and discard what is meant, each once', async () => {
    const one = { ...all, ids: ['0:0'] };
    expect(await replayDeadLetters(context(), { ...one, wait: false, patienceMs: 1 })).toMatchObject({
      ...{ replayed: 1, events: 1, rejectedAgain: 0, waitsFor: null, notReplayable: 0 },
    });
    await expect(discardDeadLetters(context(), one)).rejects.toMatchObject({ kind: 'fatal', code: 'DLQ' });
    expect(await discardDeadLetters(context(), all)).toBe(1);
    expect((await listDeadLetters(context(), all)).total).toBe(0);
    expect(notes).toEqual([]);
  });
});
