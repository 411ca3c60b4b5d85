import { createConnection, type Connection } from 'mysql2/promise';
import type { MatrixTable } from './matrix-table';

/** Sessions as applications have them. The last one is strict, so what strict mode refuses is written by the others. */
const sessions: readonly { charset: string; session: string }[] = [
  { charset: 'UTF8MB4_UNICODE_CI', session: `time_zone = '+00:00', sql_mode = 'ALLOW_INVALID_DATES'` },
  {
    charset: 'LATIN1_SWEDISH_CI',
    session: `time_zone = '-08:00', sql_mode = 'ANSI_QUOTES,ALLOW_INVALID_DATES'`,
  },
  {
    charset: 'GBK_CHINESE_CI',
    session: `time_zone = '+05:30', sql_mode = 'NO_BACKSLASH_ESCAPES,ALLOW_INVALID_DATES'`,
  },
  { charset: 'UTF8_GENERAL_CI', session: `time_zone = '+13:00', sql_mode = 'TRADITIONAL'` },
];

/** Writes rows over connections of several character sets, time zones and SQL modes. */
export class Writers {
  readonly #uri: string;
  #pool: Connection[] = [];

  constructor(uri: string) {
    this.#uri = uri;
  }

  async open(): Promise<void> {
    this.#pool = await Promise.all(
      sessions.map(({ charset, session }) => this.#connect(charset, [`SET ${session}`])),
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.#pool.map((connection) => connection.end()));
  }

  async insert(tables: readonly MatrixTable[]): Promise<void> {
    let turn = 0;
    for (const { name, rows } of tables)
      for (const { insert, lenient, connection } of rows) {
        turn += 1;
        const own = connection && (await this.#connect(connection.charset, connection.session));
        const writer = own ?? this.#pool[writerOf(turn, insert, lenient)]!;
        await writer.query(insert).catch((error: Error) => {
          throw new Error(`${name}: ${error.message} in ${insert.slice(0, 2_000)}`);
        });
        await own?.end();
      }
  }

  async #connect(charset = 'UTF8MB4_UNICODE_CI', session: readonly string[]): Promise<Connection> {
    const connection = await createConnection({ uri: this.#uri, charset });
    for (const statement of session) await connection.query(statement);
    return connection;
  }
}

function writerOf(turn: number, insert: string, lenient: boolean): number {
  // Names outside ASCII cannot be said in every connection charset.
  const able = lenient ? [0, 1, 2] : /[^\0-\x7f]/.test(insert) ? [0, 3] : [0, 1, 2, 3];
  return able[turn % able.length]!;
}
