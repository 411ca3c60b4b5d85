import { timestampText, wireDateTime } from './temporal';

describe('temporal texts on the wire', () => {
  it.each([
    ['2026-11-23 10:11:12.120', '2026-11-23T10:11:12.120'],
    ['2024-02-29 00:00:00', '2024-02-29T00:00:00'],
    ['0000-02-29 00:00:00', '0000-02-29T00:00:00'],
    ['9999-12-31 23:59:59', '9999-12-31T23:59:59'],
  ])('R9: DATETIME %s is ISO 8601', (text, wire) => {
    expect(wireDateTime(text)).toBe(wire);
  });

  it.each([
    '0000-00-00 00:00:00.000000',
    '2026-00-00 12:30:00',
    '2026-11-00 00:00:00',
    '2026-02-29 00:00:00',
    '2026-02-31 10:00:00.5',
    '2100-02-29 00:00:00',
    '2026-04-31 00:00:00',
  ])("R9: DATETIME %s names no day and stays MySQL's text", (text) => {
    expect(wireDateTime(text)).toBe(text);
  });

  it('R9: the zero TIMESTAMP is no instant', () => {
    expect(timestampText('0', 3)).toBe('0000-00-00 00:00:00.000');
    expect(timestampText('1.5', 3)).toBe('1970-01-01T00:00:01.500Z');
  });
});
