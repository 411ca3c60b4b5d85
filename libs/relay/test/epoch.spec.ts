import { waitFor } from '@tributary/testing';
import { TermEndsError } from '../src';
import { epochOf } from './memory-kafka';
import { Source } from './source';

describe('under which epoch a term publishes', () => {
  let source: Source;
  beforeEach(async () => {
    source = await new Source().open();
    await source.query(`INSERT INTO t VALUES (1, 'a')`);
  });
  afterEach(() => source.close());

  const epochs = () => [...new Set(source.kafka.events().map(epochOf))];
  const next = async () => {
    const term = await source.lead();
    await source.untilEqual();
    return term;
  };

  it('R4: Kafka is told whose versions come before the first of them', async () => {
    await next();
    const topics = source.kafka.records.map(({ topic }) => topic);
    const { notes, changes } = source.config.topics;
    expect(topics.indexOf(notes)).toBeGreaterThanOrEqual(0);
    expect(topics.indexOf(notes)).toBeLessThan(topics.indexOf(changes));
    expect(source.kafka.notes.identity).toMatchObject({ epoch: 1, name: source.config.prefix });
    expect(epochs()).toEqual([1]);
  });

  it('R4: a term of the same log goes on under the same epoch, with no load', async () => {
    await (await next()).stop();
    const { loads } = await source.pending();
    await source.query(`UPDATE t SET v = 'b'`);
    const term = await next();
    expect([epochs(), (await source.pending()).loads, term.events('epoch-raised')]).toEqual([[1], loads, []]);
  });

  it('R4: a target that asks for a higher epoch ends the term, and the next one gives it and loads every table', async () => {
    const term = await next();
    const { loads } = await source.pending();
    const note = { kind: 'epoch-above', app: 'sink', epoch: 6, reason: 'It holds such.', at: '' } as const;
    await source.kafka.notes.put(source.kafka.publisher as never, note);
    await expect(term.ended).rejects.toThrow(TermEndsError);
    const raised = await next();
    expect(epochs()).toEqual([1, 7]);
    expect((await source.pending()).loads).toBeGreaterThan(loads);
    expect(raised.events('epoch-raised')).toHaveLength(1);
  });

  /** A change is on the topic, and its relay died before it could delete the entry. */
  async function publishedOnly(): Promise<void> {
    const term = await next();
    source.kafka.loseAnswer(({ id }) => id === 2, new Error('the process died'));
    await source.query(`INSERT INTO t VALUES (2, 'b')`);
    await expect(term.ended).rejects.toThrow('the process died');
  }

  it('R4: what was published and is still in the log is published once more, under the same epoch', async () => {
    await publishedOnly();
    await next();
    expect(epochs()).toEqual([1]);
    expect(source.kafka.events().filter(({ id, op }) => id === 2 && op === 'c')).toHaveLength(2);
  });

  it('R4: what was published and is gone from the log says that the source lost its last transactions', async () => {
    await publishedOnly();
    await source.query('DELETE FROM t WHERE id = 2');
    await source.query(`DELETE FROM ${source.captureSchema}.change_log`);
    const term = await next();
    expect(term.events('epoch-raised').map(({ msg }) => /lost its last transactions/.test(msg))).toEqual([
      true,
    ]);
    expect(epochs()).toEqual([1, 2]);
    await waitFor(() => source.kafka.kinds().at(-1) === 'sweep', { timeoutMs: 20_000 });
    expect(source.kafka.held()).toEqual(await source.rows());
  });
});
