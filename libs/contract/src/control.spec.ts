import { canaryAtMs, canaryRecord, controlRecord, parseControl, type LoadControl } from './control';
import { formatVersion } from './version';

const control: LoadControl = {
  kind: 'sweep',
  table: 'a.b',
  schema: '0123456789abcdef',
  floor: formatVersion(1, 42n),
  job: '7',
  partitions: 12,
};
const written = controlRecord(control);
const record = (parts: { value?: unknown; headers?: object }) => ({
  value: Buffer.from('value' in parts ? JSON.stringify(parts.value) : written.value),
  headers: { ...written.headers, ...parts.headers },
});

describe('control records', () => {
  it.each(['load', 'sweep'] as const)('are read back as they were written: %s', (kind) => {
    const { key, value, headers } = controlRecord({ ...control, kind });
    expect(parseControl({ value: Buffer.from(value), headers })).toEqual({ ...control, kind });
    expect(JSON.parse(key)).not.toHaveProperty('key');
  });

  it('of an unknown kind are nobody’s fault', () => {
    expect(parseControl(record({ headers: { control: 'later' }, value: 1 }))).toBe('unknown');
  });

  it.each([
    ['INVALID_HEADERS', record({ headers: { v: '42' } })],
    ['INVALID_HEADERS', record({ headers: { v: undefined } })],
    ['INVALID_HEADERS', record({ headers: { schema: 'x' } })],
    ['MALFORMED_JSON', record({ value: 'text' })],
    ['MALFORMED_JSON', { ...record({}), value: Buffer.from('{') }],
    ['MALFORMED_JSON', { ...record({}), value: null }],
    ['INVALID_ENVELOPE', record({ value: { table: 'a.b', job: '7', partitions: 0 } })],
    ['INVALID_ENVELOPE', record({ value: { table: 'a.b', job: '7', partitions: 1e9 } })],
    ['INVALID_ENVELOPE', record({ value: { table: 'a.b', partitions: 1 } })],
    ['INVALID_ENVELOPE', record({ value: [] })],
  ])('R11: %s: a malformed one is told from a good one (%#)', (code, bad) => {
    expect(parseControl(bad)).toMatchObject({ code });
  });

  it('tell when a canary was committed', () => {
    const { value, headers } = canaryRecord(formatVersion(1, 7n), 1_795_428_672_123);
    const read = (text: string | null) =>
      canaryAtMs({ headers, value: text === null ? null : Buffer.from(text) });
    expect(read(value)).toBe(1_795_428_672_123);
    expect([read(null), read('{'), read('{"at":true}')]).toEqual([undefined, undefined, undefined]);
    expect(canaryAtMs(record({}))).toBeUndefined();
    // Whoever knows no canaries passes them on.
    expect(parseControl({ value: Buffer.from(value), headers })).toBe('unknown');
  });
});
