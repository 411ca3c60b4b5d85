import { describeTables } from '../src';
import { flavours, openSource, type Source } from './servers';

describe.each(flavours)('what the sync file says of columns, on %s', (flavour) => {
  let source: Source;

  beforeAll(async () => {
    source = await openSource(flavour);
    await source.admin.query(
      'CREATE TABLE customers (id INT PRIMARY KEY, Email VARCHAR(99), phone VARCHAR(20), iban VARCHAR(40), notes TEXT)',
    );
    await source.admin.query('CREATE TABLE items (id INT PRIMARY KEY, title VARCHAR(99))');
  });

  afterAll(() => source.close());

  const columns = async (table: string, ...entries: string[]) => {
    const plans = await describeTables(source.relay, source.config(...entries));
    const plan = plans.find(({ settings }) => settings.table === `${source.database}.${table}`)!;
    return plan.schema.columns.map(({ field, mask }) => (mask ? `${field}:${mask}` : field));
  };

  it('R14: an exact entry keeps the masks and excludes of its pattern', async () => {
    const entries = [
      '{ table: "DB.*", columns: { mask: { email: sha256 }, exclude: [iban] } }',
      '{ table: DB.customers, columns: { mask: { phone: last4 }, exclude: [notes] } }',
    ];
    expect(await columns('customers', ...entries)).toEqual(['id', 'Email:sha256', 'phone:last4']);
    // A pattern's column need not be in each of its tables.
    expect(await columns('items', ...entries, '{ table: DB.items }')).toEqual(['id', 'title']);
  });

  it('R14: masks and excludes hold for columns whose letters are written otherwise on the server', async () => {
    const masked =
      '{ table: "DB.*", columns: { mask: { EMAIL: redact }, exclude: [IBAN], rename: { NOTES: text } } }';
    expect(await columns('customers', masked)).toEqual(['id', 'Email:redact', 'phone', 'text']);
  });

  it('R14: a column that no table of a pattern has is named', async () => {
    await expect(
      columns('items', '{ table: "DB.*", columns: { mask: { emial: redact } } }', '{ table: DB.items }'),
    ).rejects.toThrow(/masks emial for a pattern, but none of the tables of/);
  });
});
