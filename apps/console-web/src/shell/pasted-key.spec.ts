import { keyOf, likeliestFirst } from './pasted-key';

test.each([
  ['  7 ', undefined, ['7']],
  ['7, 2', undefined, ['7', '2']],
  ['shop.orders 7', 'shop.orders', ['7']],
  ['shop:orders:7', 'shop.orders', ['7']],
  ['shop:lines:7:a%3Ab', 'shop.lines', ['7', 'a:b']],
  ['shop:orders:100%', 'shop.orders', ['100%']],
  ['shop:orders:7', 'shop.lines', ['shop:orders:7']],
  ['', undefined, []],
])('%p pasted for %p is the key %p', (text, table, key) => {
  expect(keyOf(text, table)).toEqual(key);
});

test('the table that the text names comes first', () => {
  expect(likeliestFirst('shop:orders:7', ['shop.lines', 'shop.orders'])).toEqual([
    'shop.orders',
    'shop.lines',
  ]);
});
