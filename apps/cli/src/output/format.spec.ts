import { printableJson } from './format';

describe('printableJson', () => {
  it('writes out what JSON leaves as it is, and reads as the same value', () => {
    const value = { name: '\u202eback \u2028 \u009b \u001b[2J\r\n' };
    const json = printableJson(JSON.stringify(value, null, 2));
    expect(json).not.toMatch(/[\u202e\u2028\u009b\u001b\r]/);
    expect(JSON.parse(json)).toEqual(value);
  });
});
