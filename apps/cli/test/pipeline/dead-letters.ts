import { randomBytes } from 'node:crypto';
import { DeadLetterWriter, originalHeaders } from '@tributary/dead-letters';
import { readTail, type OutRecord, type PlacedRecord } from '@tributary/transport';
import { waitFor } from '@tributary/testing';
import { kafka, type CliPipeline } from './cli-pipeline';

/** Entries instead of members: Jest does not compare `__proto__`, and a lone value may come as a list of one. */
const plainly = ({ key, value, headers }: Pick<PlacedRecord, 'key' | 'value' | 'headers'>) => ({
  key,
  value,
  headers: Object.entries(headers)
    .map(([header, held]) => [header, ...(Array.isArray(held) ? held : [held])])
    .sort(),
});

/** What \`tributary dlq\` does with dead letters. */
export function deadLetters(pipeline: CliPipeline): void {
  const { name, run } = pipeline;

  it('R11: lists, shows, replays and discards dead letters', async () => {
    const publisher = kafka.publisher();
    await publisher.start();
    const key = `{"table":"${name}.t","key":{"id":1}}`;
    await publisher.send(`${name}.changes`, [{ key, value: '{broken', headers: { v: '1'.repeat(19) } }]);
    await publisher.stop();
    interface Listed {
      letters: { id: string; code: string; table: string }[];
    }
    const list = async (...filter: string[]) => (await run<Listed>('dlq', 'list', ...filter)).result.letters;
    const letter = await waitFor(async () => (await list())[0], { timeoutMs: 20_000 });
    expect(letter).toMatchObject({ code: 'MALFORMED_JSON', table: `${name}.t` });
    expect(await list('--reason', 'INVALID_ROW')).toEqual([]);
    expect((await run('dlq', 'show', letter.id)).result).toMatchObject({ key, value: '{broken' });

    const replayed = await run('dlq', 'replay', letter.id);
    const refused = { applied: 0, superseded: 0, rejected: 1, pending: 0 };
    expect(replayed).toMatchObject({
      code: 1,
      result: {
        replayed: 1,
        rejectedAgain: 1,
        settled: true,
        waitsFor: null,
        targets: { mongo: refused, redis: refused },
      },
    });
    const again = await list();
    expect(again.map(({ id }) => id)).not.toContain(letter.id);
    expect(again).toHaveLength(1);
    expect((await run('dlq', 'discard', '--table', `${name}.*`)).result).toEqual({ discarded: 1 });
    expect(await list()).toEqual([]);
  }, 180_000);

  describe('dead letters', () => {
    interface Listed {
      total: number;
      letters: { id: string; code: string; stage: string; table: string; at: string }[];
    }
    interface Outcome {
      applied: number;
      superseded: number;
      rejected: number;
      pending: number;
    }
    interface Replayed {
      replayed: number;
      events: number;
      rejectedAgain: number;
      settled: boolean;
      targets: Record<'mongo' | 'redis', Outcome>;
      notReplayable: number;
      notReplayableLetters: { letter: string; why: string; command?: string }[];
    }
    const list = async (...filter: string[]) => (await run<Listed>('dlq', 'list', ...filter)).result;
    const letters = (n: number, ...filter: string[]) =>
      waitFor(
        async () => {
          if ((await pipeline.openDeadLetters()) < n) return false;
          const found = await list(...filter);
          return found.total === n && found.letters;
        },
        { timeoutMs: 30_000, everyMs: 100 },
      );
    /** A row's event that passed the validator: no tombstone, and no control record of a load. */
    const anyChange = async () =>
      (await readTail(kafka, `${name}.validated`, 100)).find(
        ({ value, headers }) => value !== null && headers['control'] === undefined,
      );
    const outcome = (applied: number, superseded: number, rejected = 0, pending = 0): Outcome => ({
      ...{ applied, superseded, rejected, pending },
    });
    const publish = async (topic: string, ...records: OutRecord[]) => {
      const publisher = kafka.publisher();
      await publisher.start();
      await publisher.send(`${name}.${topic}`, records);
      await publisher.stop();
    };
    afterEach(() => run('dlq', 'discard'));

    it('R4: replay tells for each target what was applied and what a newer state superseded', async () => {
      const ids = [500, 501, 502, 503];
      // Redis refuses these rows, MongoDB takes them.
      for (const id of ids) await pipeline.redis.set(`${name}:t:${id}`, 'in the way');
      await pipeline.admin.query(`INSERT INTO ${name}.t (id, n, s) VALUES ?`, [
        ids.map((id) => [id, 1, 'first']),
      ]);
      const refused = await letters(4);
      expect(new Set(refused.map(({ code, stage }) => `${stage} ${code}`))).toEqual(
        new Set(['redis-sink TARGET_REJECTED']),
      );
      await pipeline.redis.del(...ids.map((id) => `${name}:t:${id}`));
      await pipeline.admin.query(`UPDATE ${name}.t SET s = 'second' WHERE id = 501`);
      await pipeline.admin.query(`DELETE FROM ${name}.t WHERE id = 502`);
      await waitFor(async () => (await pipeline.redis.hget(`${name}:t:501`, 's')) === 'second', {
        timeoutMs: 30_000,
      });
      await waitFor(() => pipeline.redis.exists(`tributary:tombstone:${name}:t:502`), { timeoutMs: 30_000 });
      // The shape changes, so the loads that follow outrank what was written in the old one.
      await pipeline.admin.query(`ALTER TABLE ${name}.t ADD COLUMN extra INT DEFAULT 7`);
      await waitFor(async () => (await pipeline.redis.hget(`${name}:t:503`, 'extra')) === '7', {
        timeoutMs: 60_000,
      });

      expect((await list('--stage', 'validator')).total).toBe(0);
      expect((await list('--until', refused[0]!.at)).total).toBe(0);
      expect((await list('--since', '1h', '--limit', '1')).letters).toHaveLength(1);
      const first = await run<Replayed>('dlq', 'replay', '--stage', 'redis-sink');
      expect(first).toMatchObject({ code: 0, result: { replayed: 4, events: 4, rejectedAgain: 0 } });
      expect(first.result.targets).toEqual({ mongo: outcome(0, 4), redis: outcome(0, 4) });
      expect(await pipeline.redis.hget(`${name}:t:501`, 's')).toBe('second');
      expect(await pipeline.redis.exists(`${name}:t:502`)).toBe(0);

      await pipeline.redis.set(`${name}:t:504`, 'in the way');
      await pipeline.admin.query(`INSERT INTO ${name}.t VALUES (504, 1, 'fourth', 1)`);
      const [letter] = await letters(1);
      await pipeline.redis.del(`${name}:t:504`);
      const second = await run<Replayed>('dlq', 'replay', letter!.id);
      expect(second.result.targets).toEqual({ mongo: outcome(1, 0), redis: outcome(1, 0) });
      expect(second.code).toBe(0);
      expect(await pipeline.redis.hget(`${name}:t:504`, 's')).toBe('fourth');
      await expect(run('dlq', 'replay', letter!.id)).rejects.toThrow(/no open dead letter/);
    }, 180_000);

    it('replay names the service that it waits for', async () => {
      await pipeline.redis.set(`${name}:t:505`, 'in the way');
      await pipeline.admin.query(`INSERT INTO ${name}.t (id, n, s) VALUES (505, 1, 'fifth')`);
      const [letter] = await letters(1);
      await pipeline.redis.del(`${name}:t:505`);
      const sink = pipeline.service('redis-sink');
      sink.kill('SIGSTOP');
      try {
        const { code, out, err } = await pipeline.cli('dlq', 'replay', letter!.id, '--patience', '5');
        expect(code).toBe(1);
        expect(out).toContain('replayed 1');
        // More than the one when it was stopped before it had committed those before.
        expect(err).toMatch(
          new RegExp(`waiting for 4 s for ${name}.redis-sink, which has \\d changes to do`),
        );
        expect(err).toMatch(
          new RegExp(`${name}.redis-sink stands still with \\d changes to do: see tributary status`),
        );
      } finally {
        sink.kill('SIGCONT');
      }
      await waitFor(() => pipeline.redis.exists(`${name}:t:505`), { timeoutMs: 60_000 });
    }, 120_000);

    it('R11: bytes stay the original ones, through death, replay and death again', async () => {
      const strange = {
        key: Buffer.concat([Buffer.from([0x22, 0xff, 0xfe, 0x00]), randomBytes(4)]),
        value: Buffer.from([0xc3, 0x28, 0x00, 0x1b, 0x5b]),
        headers: {
          twice: [Buffer.from('a'), Buffer.from([0xff])],
          empty: Buffer.alloc(0),
          none: null,
          v: null,
          'dlq.stage': Buffer.from('not yours'),
          'dlq.letter': Buffer.from('0:0'),
          toString: Buffer.from('inherited'),
          ['__proto__']: Buffer.from('proto'),
        },
        partition: 1,
      };
      // Those of this test alone, by the key; marks have no code.
      const held = async () =>
        (await readTail(kafka, `${name}.dead-letters`, 10_000))
          .filter(({ key, headers }) => key?.equals(strange.key) && Object.hasOwn(headers, 'dlq.code'))
          .map(({ key, value, headers }) => plainly({ key, value, headers: originalHeaders(headers) }));
      await publish('changes', strange);
      const [letter] = await letters(1);
      expect(await held()).toEqual([plainly(strange)]);
      const shown = await run<{ key: string; value: string; headers: object }>('dlq', 'show', letter!.id);
      expect(shown.result.value).toBe(`base64:${strange.value.toString('base64')}`);
      const replayed = await run<Replayed>('dlq', 'replay');
      expect(replayed.code).toBe(1);
      expect(replayed.result.targets.mongo).toEqual(outcome(0, 0, 1));
      expect(await held()).toEqual([plainly(strange), plainly(strange)]);
    }, 180_000);

    it('an event that both sinks refused is sent once, and refused by the validator before it reaches them', async () => {
      const validated = await anyChange();
      const { key, value, headers } = validated!;
      await publish('validated', { key, value, headers: { ...headers, crc: '0' }, partition: 0 });
      const both = await letters(2);
      expect(both.map(({ stage }) => stage).sort()).toEqual(['mongo-sink', 'redis-sink']);
      const { code, result } = await run<Replayed>('dlq', 'replay', '--reason', 'CRC_MISMATCH');
      expect(code).toBe(1);
      expect(result).toMatchObject({ replayed: 2, events: 1, rejectedAgain: 1 });
      expect(result.targets).toEqual({ mongo: outcome(0, 0, 1), redis: outcome(0, 0, 1) });
      expect((await letters(1)).map(({ stage }) => stage)).toEqual(['validator']);
    }, 180_000);

    it('says what to do with letters that cannot be sent again as they are, and leaves them open', async () => {
      const validated = await anyChange();
      const publisher = kafka.publisher();
      await publisher.start();
      const relay = new DeadLetterWriter(publisher, `${name}.dead-letters`, 'trigger-relay');
      const record = { ...validated!, key: Buffer.from(`{"table":"${name}.t","key":{"id":7}}`), value: null };
      const rejection = { code: 'OVERSIZE', reason: 'too large' } as const;
      await relay.send([{ record, batch: { topic: `${name}.changes`, partition: 0 }, rejection }]);
      await publisher.stop();
      await publish('changes', { key: '{"table":"no.longer","key":{"id":1}}', value: '{}' });
      await letters(2);
      const { code, result } = await run<Replayed>('dlq', 'replay');
      expect(code).toBe(1);
      expect(result).toMatchObject({ replayed: 0, notReplayable: 2 });
      const [large, gone] = [...result.notReplayableLetters].sort((a) => (a.command ? -1 : 1));
      expect(large!.command).toBe(`tributary snapshot start --table ${name}.t --where '\`id\` = 7'`);
      expect(gone!.why).toContain('No entry of the sync file matches no.longer');
      expect((await list()).total).toBe(2);
    }, 180_000);
  });
}
