import type { Connection } from 'mysql2/promise';

/** A change whose way to the targets is timed: the insert of a user that nothing touches again. */
export interface Mark {
  readonly userId: string;
  /** `performance.now()` when the application learned that its commit was done. */
  readonly committedAt: number;
}

/** Inserts one marked user in a transaction of its own. */
export async function insertMark(connection: Connection, userId: string): Promise<Mark> {
  await connection.query('INSERT INTO github_data.users (user_id, login, name) VALUES (?, ?, ?)', [
    userId,
    `mark-${userId}`,
    '⏱ marked change',
  ]);
  return { userId, committedAt: performance.now() };
}
