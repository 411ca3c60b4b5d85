import type { Connection } from 'mysql2/promise';
import type { ChangeStep } from './change-plan';

/** Deadlock and lock wait timeout: the server undid the transaction and asks for another try. */
const retried = new Set(['ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT']);
const ATTEMPTS = 20;

/** Runs a step as an application does, with another try after a deadlock. */
export async function runStep(connection: Connection, step: ChangeStep): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (step.transaction !== 'none') await connection.beginTransaction();
      for (const { sql, values } of step.statements) await connection.query(sql, values);
      if (step.transaction === 'commit') await connection.commit();
      if (step.transaction === 'rollback') await connection.rollback();
      return;
    } catch (error) {
      if (step.transaction !== 'none') await connection.rollback();
      if (!retried.has((error as { code?: string }).code ?? '') || attempt === ATTEMPTS) throw error;
    }
  }
}
