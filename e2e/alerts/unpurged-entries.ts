/**
 * Leaves 400,000 entries in a change log that were there and are gone, as after hours of changes; nobody ever sees them. While
 * an older read view is open they are not purged.
 */
export async function leaveUnpurgedEntries(
  write: (sql: string) => Promise<unknown>,
  captureSchema: string,
): Promise<void> {
  const log = `\`${captureSchema}\`.change_log`;
  await write('BEGIN');
  await write(
    `INSERT INTO ${log} (shape_id, op, row_key, at)
     WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 640)
     SELECT 0, 'm', 'unpurged', UTC_TIMESTAMP(6) FROM n JOIN n AS more`,
  );
  await write(`DELETE FROM ${log} WHERE row_key = 'unpurged'`);
  await write('COMMIT');
}
