import { addressOf } from './address';

test('a table with a slash or a blank in its name stays one part of the path', () => {
  expect(addressOf('table', { params: { table: 'a/b.c d' } })).toBe('/api/v1/tables/a%2Fb.c%20d');
});

test('a composite key is one parameter a column, in order, whatever stands in it', () => {
  const query = { key: ['7', 'a&key=b'], mask: undefined };
  expect(addressOf('trace', { params: { table: 'a.b' }, query })).toBe(
    '/api/v1/rows/a.b/trace?key=7&key=a%26key%3Db',
  );
});
