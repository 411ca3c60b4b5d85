import { waitFor } from '@tributary/testing';
import { RelayFixture, type TestRelay } from './relay-fixture';

/** What is done to the entry of one change, as the assignments of an UPDATE. */
const damages = {
  'an unknown operation': `op = 'x'`,
  'an operation of capital letters': `op = 'U'`,
  'a marker that names a table': `op = 'm'`,
  'a key that is no JSON': `row_key = 'no json'`,
  'a key that is no list': `row_key = '{"id": 1}'`,
  'a key of another form': `row_key = '[{"id": 1}]'`,
  'no key': `row_key = NULL`,
  'a key without cells': `row_key = '[]'`,
  'a key of too many cells': `row_key = '["1", "2"]'`,
  'a key of NULL': `row_key = '[null]'`,
  'the key of another row': `row_key = '["900"]'`,
  'a wrong checksum': `crc = crc ^ 4711`,
  'no checksum': `crc = NULL`,
  'an image that is no JSON': `after_image = 'no json'`,
  'an image of too few cells': `after_image = '["1"]'`,
  'an image of other cells': `after_image = '[1, {"a": 2}]'`,
  'a deletion with an image': `op = 'd'`,
} as const;

const CHECKSUM = `CRC32(CONCAT(IFNULL(row_key, ''), '|', IFNULL(before_image, ''), '|', IFNULL(after_image, '')))`;
/** So that the checksum fits what the entry was made into. */
const fitting = (damage: string) => `crc = crc ^ ${CHECKSUM}, ${damage}, crc = crc ^ ${CHECKSUM}`;

describe('R11, R15: damaged entries of the change log', () => {
  let fixture: RelayFixture;
  let relay: TestRelay;
  let tables: string[];

  beforeEach(async () => {
    fixture = new RelayFixture(undefined, 2, ['good', 'other']);
    await fixture.open();
    tables = ['t', 'good', 'other'].map((name) => `${fixture.database}.${name}`);
    for (const table of tables)
      await fixture.admin.query(
        `INSERT INTO ${table} VALUES ${Array.from({ length: 60 }, (_, id) => `(${id}, 'old ${id}')`).join(', ')}`,
      );
    relay = await fixture.start().untilLeading();
    await fixture.untilEqual();
  });
  afterEach(() => fixture.close());

  /** Changes a row and damages the entry of it, so that nobody ever sees it whole. */
  async function damaged(table: string, row: number, assignments: string): Promise<void> {
    await fixture.admin.query(`UPDATE ${fixture.database}.${table} SET v = 'new ${row}' WHERE id = ${row}`);
    await fixture.admin.query(
      `UPDATE ${fixture.captureSchema}.change_log SET ${assignments} ORDER BY id DESC LIMIT 1`,
    );
  }

  const loads = async (table: string) =>
    (await fixture.jobs()).filter((job) => job.table === `${fixture.database}.${table}`).length;

  const told = () => relay.events('entry-damaged');

  /** Leads still in its first term, and has no trouble but these entries. */
  function expectUndisturbed(): void {
    expect(relay.role).toBe('leader');
    expect(relay.lines.filter(({ level, event }) => level === 'error' && event !== 'entry-damaged')).toEqual(
      [],
    );
  }

  it('R15: of a known table: they are told, the table is loaded anew, and others go on', async () => {
    await fixture.admin.query('BEGIN');
    let row = 0;
    for (const assignments of Object.values(damages)) {
      await damaged('t', (row += 1), assignments);
      if (assignments.includes('row_key') || assignments.includes('image'))
        await damaged('t', (row += 1), fitting(assignments));
      await fixture.admin.query(`UPDATE good SET v = 'good ${row}' WHERE id = ${row}`);
    }
    await fixture.admin.query('COMMIT');
    await waitFor(async () => (await fixture.log()) === 0, { timeoutMs: 30_000 });
    await fixture.untilEqual();
    expectUndisturbed();
    // A key of another row under a checksum that fits it is what its trigger would have logged of that row.
    expect(new Set(told().map(({ table }) => table))).toEqual(new Set([`${fixture.database}.t`]));
    expect(new Set(told().map(({ id }) => id)).size).toBe(row - 1);
    expect(told().every(({ level }) => level === 'error')).toBe(true);
    expect(await relay.context.metrics.registry.metrics()).toMatch(
      new RegExp(
        `tributary_events_total\\{[^}]*table="${fixture.database}.t",outcome="damaged"\\} ${row - 1}`,
      ),
    );
    expect([await loads('t'), await loads('good'), await loads('other')]).toEqual([2, 1, 1]);
  }, 90_000);

  it('R1: of an unknown table: all tables are loaded anew, once for all of them', async () => {
    await fixture.admin.query('BEGIN');
    await damaged('t', 1, 'shape_id = 999999, crc = crc ^ 4711');
    await damaged('good', 2, `shape_id = 999999, crc = ${CHECKSUM}`);
    await damaged('other', 3, 'shape_id = 0');
    await damaged('other', 4, `shape_id = 0, op = 'm'`);
    await fixture.admin.query('COMMIT');
    await waitFor(async () => (await fixture.log()) === 0, { timeoutMs: 30_000 });
    await waitFor(() => told().length === 4, { timeoutMs: 30_000 });
    await fixture.untilEqual();
    expectUndisturbed();
    expect(told().map(({ table }) => table)).toEqual([null, null, null, null]);
    expect([await loads('t'), await loads('good'), await loads('other')]).toEqual([2, 2, 2]);
  }, 90_000);

  it('R15: a damaged shape is made right by the next relay, and costs nobody a change', async () => {
    await fixture.stopAll();
    await fixture.admin.query(
      `UPDATE ${fixture.captureSchema}.table_shape SET schema_json = 'no json' WHERE table_name LIKE '%.t'`,
    );
    await fixture.admin.query(
      `UPDATE ${fixture.captureSchema}.table_shape SET schema_json = REPLACE(schema_json, '"v"', '"w"') WHERE table_name LIKE '%.good'`,
    );
    for (const table of tables) await fixture.admin.query(`UPDATE ${table} SET v = 'new' WHERE id < 5`);
    relay = await fixture.start().untilLeading();
    await fixture.untilEqual();
    for (const table of tables) await fixture.admin.query(`DELETE FROM ${table} WHERE id < 3`);
    await fixture.untilEqual();
    expectUndisturbed();
  }, 90_000);
});
