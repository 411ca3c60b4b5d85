import { listOf, parseSearch, stringifySearch, textOf } from './search-params';

test('a deep link gives back what it was made of, digits, quotes and blanks included', () => {
  const search = { table: 'shop.lines', key: ['007', '"a" b&c'] };
  expect(parseSearch(stringifySearch(search))).toEqual(search);
});

test('one key is a list of one, and no key an empty list', () => {
  expect(listOf(parseSearch('?key=7'), 'key')).toEqual(['7']);
  expect(listOf(parseSearch('?table=a.b'), 'key')).toEqual([]);
});

test('an empty parameter counts as none', () => {
  expect(textOf(parseSearch('?table='), 'table')).toBeUndefined();
  expect(stringifySearch({ table: undefined })).toBe('');
});
