import { waitFor } from '@tributary/testing';
import { untilEnd } from '../tributary';
import type { CliPipeline } from './cli-pipeline';

interface Change {
  table: string;
  op: string;
  key: { id: number };
  columns: { column: string; before?: unknown; after?: unknown }[];
}

/** Changes as they come, and rows sent again. */
export function tailAndResend(pipeline: CliPipeline): void {
  const { name, run, cli, begin } = pipeline;
  const table = `${name}.t`;
  const collection = () => pipeline.mongo.getClient().db(name).collection<{ _id: number }>('t');
  const held = async (ids: number[]) =>
    (
      await collection()
        .find({ _id: { $in: ids } })
        .sort({ _id: 1 })
        .toArray()
    ).map(({ _id }) => _id);

  it('tail: what changed, by column, of one row, and no value when masked', async () => {
    await pipeline.admin.query(`INSERT INTO ${table} (id, n, s) VALUES (720, 1, 'first'), (721, 1, 'other')`);
    const following = ['tail', table, '--key', '720', '--json'];
    const children = [begin(...following), begin(...following, '--mask')];
    const ends = children.map(untilEnd);
    const lines: Change[][] = [[], []];
    children.forEach((child, at) =>
      child.stdout.on('data', (piece: Buffer) =>
        lines[at]!.push(
          ...piece
            .toString()
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line) as Change),
        ),
      ),
    );
    // It begins at the end of the topic, at a moment that nobody is told of.
    let n = 1;
    await waitFor(
      async () => {
        n += 1;
        await pipeline.admin.query(`UPDATE ${table} SET n = ${n} WHERE id IN (720, 721)`);
        return lines.every((some) => some.length > 1);
      },
      { timeoutMs: 30_000, everyMs: 500 },
    );
    for (const child of children) child.kill('SIGINT');
    expect((await Promise.all(ends)).map(({ code }) => code)).toEqual([0, 0]);
    const [shown, masked] = lines.map((some) => some[1]!);
    expect(shown).toMatchObject({ table, op: 'u', key: { id: 720 } });
    expect(shown!.columns).toHaveLength(1);
    expect(shown!.columns[0]!.column).toBe('n');
    expect(masked!.columns).toEqual([{ column: 'n', before: '***', after: '***' }]);
    expect(lines.flat().every(({ key }) => key.id === 720)).toBe(true);
  }, 90_000);

  it('resend: the rows of a key, a range or a condition come to the targets again, and no others', async () => {
    const ids = [730, 731, 732, 733];
    await pipeline.admin.query(`INSERT INTO ${table} (id, n, s) VALUES ?`, [
      ids.map((id) => [id, id, 'here']),
    ]);
    await waitFor(async () => (await held(ids)).length === ids.length, { timeoutMs: 30_000 });
    await collection().deleteMany({ _id: { $in: ids } });
    const resend = async (expected: number[], ...which: string[]) => {
      expect((await run('resend', '--table', table, ...which)).result).toMatchObject({ locked: 0 });
      await waitFor(async () => (await held(ids)).length >= expected.length, { timeoutMs: 30_000 });
      expect(await held(ids)).toEqual(expected);
    };
    await resend([730], '--key', '730');
    await resend([730, 731, 732], '--range', '731..732');
    await resend(ids, '--where', 'id = 733');
    const { code, err } = await cli('resend', '--table', table);
    expect([code, err]).toEqual([1, expect.stringContaining('give one of --key, --where and --range')]);
  }, 120_000);
}
