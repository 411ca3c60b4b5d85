import { keyTexts } from './key-texts';

const columns = [
  { name: 'id', type: 'binary(2)' },
  { name: 'flag', type: 'bit(1)' },
  { name: 'flags', type: 'bit(8)' },
  { name: 'line', type: 'int unsigned' },
];

test('bytes are hexadecimal, a bit is a digit, and the rest is as it is', () => {
  expect(keyTexts({ id: 'AP8=', flag: true, flags: '255', line: 7 }, columns)).toEqual([
    ...['0x00ff', '1', '255', '7'],
  ]);
});

test('what the columns are not known of, or is no base64, stays as it came', () => {
  expect(keyTexts({ id: 'AP8=' }, [])).toEqual(['AP8=']);
  expect(keyTexts({ id: '***' }, columns)).toEqual(['***']);
});
