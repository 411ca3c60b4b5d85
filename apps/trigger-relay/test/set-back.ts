import type { RelayFixture } from './relay-fixture';

/**
 * A copy of a source at one moment, and the way back to it: what a failover to a replica that lagged, or a restored
 * backup, does to rows, log, state and counter. No relay may run.
 */
export class SetBack {
  readonly #tables = ['change_log', 'relay_state', 'snapshot_job', 'table_incarnation', 'table_shape'];
  #counter = '1';

  constructor(private readonly fixture: RelayFixture) {}

  async keep(): Promise<void> {
    const { admin, captureSchema } = this.fixture;
    await admin.query('CREATE TABLE kept_t AS SELECT * FROM t');
    for (const table of this.#tables)
      await admin.query(`CREATE TABLE kept_${table} AS SELECT * FROM ${captureSchema}.${table}`);
    // The counter that information_schema gives may be a day old.
    const [rows] = await admin.query(`SHOW CREATE TABLE ${captureSchema}.change_log`);
    const text = (rows as Record<string, string>[])[0]!['Create Table']!;
    this.#counter = /AUTO_INCREMENT=(\d+)/.exec(text)?.[1] ?? '1';
  }

  async restore(): Promise<void> {
    const { admin, captureSchema } = this.fixture;
    await admin.query('DELETE FROM t');
    await admin.query('INSERT INTO t SELECT * FROM kept_t');
    for (const table of this.#tables) {
      await admin.query(`TRUNCATE ${captureSchema}.${table}`);
      await admin.query(`INSERT INTO ${captureSchema}.${table} SELECT * FROM kept_${table}`);
    }
    await admin.query(`ALTER TABLE ${captureSchema}.change_log AUTO_INCREMENT = ${this.#counter}`);
    for (const table of [...this.#tables, 't']) await admin.query(`DROP TABLE kept_${table}`);
  }
}
