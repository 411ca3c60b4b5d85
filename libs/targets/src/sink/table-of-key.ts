/** Of a record's or a control record's key; `undefined` when it names none. */
export function tableOfKey(key: Buffer | null): string | undefined {
  try {
    const { table } = JSON.parse(String(key)) as { table?: unknown };
    return typeof table === 'string' ? table : undefined;
  } catch {
    return undefined;
  }
}
