import { captureRows, type Connection } from '@tributary/capture';

/** Whose versions the relay gives, as the capture schema holds it. */
export interface IdentityStatus {
  readonly pipeline: string;
  /** Of the change log: another one whenever its ids may have begun again. */
  readonly incarnation: string;
  readonly epoch: number;
  /** When (ISO) and why the epoch last rose because versions could not be compared. */
  readonly raised: { readonly at: string; readonly reason: string } | null;
}

/** `null` before a relay has led, also where a relay of an older version has. */
export async function identityOf(
  connection: Connection,
  captureSchema: string,
): Promise<IdentityStatus | null> {
  // By all columns, since a capture schema of an older version lacks some.
  const [row] = await captureRows(
    connection,
    captureSchema,
    (table) => `SELECT * FROM ${table('relay_state')} WHERE shard = 0`,
  );
  if (!row?.['pipeline']) return null;
  const at = row['raised_at'] as string | null;
  return {
    pipeline: String(row['pipeline']),
    incarnation: String(row['incarnation']),
    epoch: Number(row['epoch']),
    raised: at
      ? { at: new Date(`${at.replace(' ', 'T')}Z`).toISOString(), reason: String(row['raised_reason']) }
      : null,
  };
}
