import { valueText } from '../../parts/format';

interface KeyColumn {
  readonly name: string;
  readonly type: string;
}

/** The values of a key as a person writes them: bytes as `0x00ff`, a BIT as digits. On the wire bytes are base64. */
export const keyTexts = (key: Readonly<Record<string, unknown>>, columns: readonly KeyColumn[]): string[] =>
  Object.entries(key).map(([name, value]) => {
    if (typeof value === 'boolean') return value ? '1' : '0';
    const type = columns.find((column) => column.name === name)?.type ?? '';
    return typeof value === 'string' && /^(var)?binary|blob/i.test(type) ? hexOf(value) : valueText(value);
  });

/** What is no base64, as a mask, stays. */
function hexOf(base64: string): string {
  try {
    return `0x${[...atob(base64)].map((byte) => byte.charCodeAt(0).toString(16).padStart(2, '0')).join('')}`;
  } catch {
    return base64;
  }
}
