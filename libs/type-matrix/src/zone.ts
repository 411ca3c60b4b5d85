import type { Connection, ResultSetHeader, RowDataPacket } from 'mysql2/promise';

/**
 * A named zone of the test's own with one summer time (UTC+2 until 2026-10-25 01:00 UTC, then UTC+1): the servers
 * may have no zone tables loaded, and the hour that comes twice exists in named zones only.
 */
export async function addZone(admin: Connection, name: string): Promise<void> {
  const [{ insertId: id }] = await admin.query<ResultSetHeader>(
    `INSERT INTO mysql.time_zone (Use_leap_seconds) VALUES ('N')`,
  );
  await admin.query(`INSERT INTO mysql.time_zone_name VALUES (?, ?)`, [name, id]);
  await admin.query(
    `INSERT INTO mysql.time_zone_transition_type VALUES (?, 0, 3600, 0, 'WINTER'), (?, 1, 7200, 1, 'SUMMER')`,
    [id, id],
  );
  const seconds = (instant: string) => Date.parse(instant) / 1000;
  await admin.query(`INSERT INTO mysql.time_zone_transition VALUES (?, ?, 1), (?, ?, 0)`, [
    id,
    seconds('2026-03-29T01:00:00Z'),
    id,
    seconds('2026-10-25T01:00:00Z'),
  ]);
}

export async function removeZone(admin: Connection, name: string): Promise<void> {
  const [zones] = await admin.query<RowDataPacket[]>(
    'SELECT Time_zone_id AS id FROM mysql.time_zone_name WHERE Name = ?',
    [name],
  );
  for (const { id } of zones)
    for (const table of ['time_zone_transition', 'time_zone_transition_type', 'time_zone_name', 'time_zone'])
      await admin.query(`DELETE FROM mysql.${table} WHERE Time_zone_id = ?`, [id]);
}
