import type { Connection, RowDataPacket } from 'mysql2/promise';

const account = `'tributary_definer'@'localhost'`;

/** Drops the account with whose rights the triggers run, and gives it back whatever `work` does. */
export async function withoutDefiner(admin: Connection, work: () => Promise<void>): Promise<void> {
  const lines = async (sql: string) =>
    (await admin.query<RowDataPacket[]>(sql))[0].map((row) => String(Object.values(row)[0]));
  const creation = [
    ...(await lines(`SHOW CREATE USER ${account}`)),
    ...(await lines(`SHOW GRANTS FOR ${account}`)),
  ];
  await admin.query(`DROP USER ${account}`);
  try {
    await work();
  } finally {
    for (const statement of creation) await admin.query(statement);
  }
}
