import { cellText, rowCodec, type Cell, type WireRow } from '@tributary/contract';
import {
  describeTables,
  imageExpression,
  installCapture,
  quoteIdentifier,
  rereadRow,
  type TablePlan,
} from '../src';
import { flavours, openSource, type Source } from './servers';
import { inZone, typeCases } from './type-cases';

describe.each(flavours)('values on %s', (flavour) => {
  let source: Source;
  const chosen = typeCases(flavour);
  beforeAll(async () => {
    source = await openSource(flavour);
    const columns = chosen.map(({ type }, at) => `c${at} ${type}`);
    await source.admin.query(
      `CREATE TABLE types (id INT PRIMARY KEY, ${columns.join(', ')}, gv INT AS (id + 1) VIRTUAL, gs VARCHAR(20) AS (CONCAT('g', id)) STORED)`,
    );
  });
  afterAll(() => source.close());

  it('R9: trigger, chunk query and re-read give the same cells, and the codec the exact wire values', async () => {
    const config = source.config('{ table: DB.types }');
    await installCapture(source.relay, config);
    const [plan] = (await describeTables(source.relay, config)) as [TablePlan];
    const rows = Math.max(...chosen.map(({ values }) => values.length));
    await source.admin.query(`SET time_zone = '+05:30'`);
    await source.admin.query(`INSERT INTO types (id) VALUES (0)`);
    for (let row = 0; row < rows; row += 1) {
      const present = chosen.flatMap(({ values, type }, at) =>
        values[row] ? [{ column: `c${at}`, sql: inZone(type, values[row]![0]) }] : [],
      );
      await source.admin.query(
        `INSERT INTO types (id, ${present.map(({ column }) => column).join(', ')}) VALUES (${row + 1}, ${present.map(({ sql }) => sql).join(', ')})`,
      );
    }
    const codec = rowCodec(plan.schema);
    const log = await source.log();
    expect(log).toHaveLength(rows + 1);
    const [chunk] = (await source.relay.query(
      `SELECT ${imageExpression(plan.schema.columns, ({ name }) => `t.${quoteIdentifier(name)}`, flavour)} AS image
       FROM ${source.database}.types t ORDER BY id`,
    )) as unknown as [{ image: string }[]];
    for (const [at, entry] of log.entries()) {
      const cells = JSON.parse(entry.after!) as Cell[];
      expect(chunk[at]!.image).toBe(entry.after);
      const reread = await rereadRow(source.relay, plan, JSON.parse(entry.key) as Cell[]);
      expect(reread?.map((cell, nth) => cellText(plan.schema.columns[nth]!, cell))).toEqual(cells);
      const wire = JSON.parse(codec.row(cells)) as WireRow;
      const expected = Object.fromEntries(
        chosen.map(({ values }, column) => [`c${column}`, at === 0 ? null : (values[at - 1]?.[1] ?? null)]),
      );
      const named = (row: Record<string, unknown>) =>
        chosen.map(({ type }, column) => [type, row[`c${column}`]] as const);
      for (const [index, [type, value]] of named(expected).entries()) {
        const actual = named(wire)[index]![1];
        if (value instanceof RegExp) expect(actual).toMatch(value);
        else expect([type, actual]).toEqual([type, value]);
      }
      expect([wire['gv'], wire['gs']]).toEqual([at + 1, `g${at}`]);
    }
  }, 60_000);
});
