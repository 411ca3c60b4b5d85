import { installCapture } from '../src';
import { readTriggers } from '../src/existing-triggers';
import { flavours, openSource, type Source } from './servers';

describe.each(flavours)('the triggers that are there, on %s', (flavour) => {
  let source: Source;
  beforeAll(async () => {
    source = await openSource(flavour);
  });
  afterAll(() => source.close());

  it('only triggers that name a column with a back-tick are read one by one', async () => {
    await source.admin.query('CREATE TABLE ticked (id INT PRIMARY KEY, `a``b` INT)');
    await source.admin.query('CREATE TABLE unticked (id INT PRIMARY KEY, a INT)');
    const config = source.config('{ table: DB.ticked }', '{ table: DB.unticked }');
    await installCapture(source.relay, config);
    const [triggers] = await source.admin.query(
      `SELECT 1 FROM information_schema.triggers WHERE trigger_schema = DATABASE() AND event_object_table IN (
         SELECT table_name FROM information_schema.columns WHERE table_schema = DATABASE() AND INSTR(column_name, '\`'))`,
    );
    const count = async () => {
      const [[status]] = (await source.relay.query(
        `SHOW SESSION STATUS LIKE 'Com_show_create_trigger'`,
      )) as unknown as [[{ Value: string }]];
      return Number(status.Value);
    };
    const before = await count();
    const { own } = await readTriggers(source.relay, config.captureSchema);
    expect(own.length).toBeGreaterThan((triggers as unknown[]).length);
    // MariaDB's information_schema has them as they were written.
    const written = flavour === 'mysql' ? (triggers as unknown[]).length : 0;
    expect((await count()) - before).toBe(written);
  });
});
