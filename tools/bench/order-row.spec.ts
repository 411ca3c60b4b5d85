import { columns, orderDocument, orderFields, orderRow } from './order-row';

describe('orderRow', () => {
  it('gives an id the same row at every call', () => {
    expect(orderRow(77)).toEqual(orderRow(77));
    expect(orderRow(77)).toHaveLength(columns.length);
  });

  it('needs no escaping in the lines of LOAD DATA', () => {
    for (let id = 1; id < 2000; id += 1)
      for (const value of orderRow(id)) expect(value ?? '').not.toMatch(/[\t\n\\]/);
  });

  it('has NULLs, which a document holds and a hash leaves out', () => {
    const row = Array.from({ length: 100 }, (_, id) => orderRow(id + 1)).find((one) => one.includes(null))!;
    const missing = columns.filter((_, at) => row[at] === null);
    for (const column of missing) {
      expect(orderDocument(row)[column]).toBeNull();
      expect(orderFields(row)).not.toHaveProperty(column);
    }
  });
});
