import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from './paths';
import { connectSql } from './sql';
import type { StackState } from './state';

/**
 * Creates the accounts of sql/accounts.*.sql with the stack's passwords, once for each version of that file;
 * returns whether it had to.
 */
export async function applyAccounts(state: StackState, server: 'mysql' | 'mariadb'): Promise<boolean> {
  const template = readFileSync(join(repositoryRoot, 'sql', `accounts.${server}.sql`), 'utf8');
  const sql = template
    .replaceAll('{{RELAY_PASSWORD}}', state.passwords.relay)
    .replaceAll('{{APP_PASSWORD}}', state.passwords.app);
  const fingerprint = createHash('sha256').update(sql).digest('hex');
  const record = state.servers[server];
  if (!record || record.accounts === fingerprint) return false;
  const connection = await connectSql(state, server, { multipleStatements: true });
  try {
    await connection.query(sql);
  } finally {
    await connection.end();
  }
  record.accounts = fingerprint;
  return true;
}
