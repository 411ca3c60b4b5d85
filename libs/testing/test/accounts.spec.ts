import { createConnection, type Connection } from 'mysql2/promise';
import { stackEnv, uniqueName } from '../src';

const env = stackEnv();
const servers = [
  { server: 'MySQL', relayUrl: env.MYSQL_URL, appUrl: env.APP_MYSQL_URL, adminUrl: env.ADMIN_MYSQL_URL },
  {
    server: 'MariaDB',
    relayUrl: env.MARIADB_URL,
    appUrl: env.APP_MARIADB_URL,
    adminUrl: env.ADMIN_MARIADB_URL,
  },
];

const definer = "'tributary_definer'@'localhost'";
const denied = /denied/;

describe.each(servers)('accounts on $server', ({ relayUrl, appUrl, adminUrl }) => {
  // The application account has rights on github_data alone, so the table lies there, under a name of its own.
  const capture = uniqueName('tributary_accounts');
  const table = `github_data.${uniqueName('accounts')}`;
  const open: Connection[] = [];
  let admin: Connection;
  let relay: Connection;
  let app: Connection;

  const connect = async (uri: string | undefined) => {
    if (!uri) throw new Error('This stack has no MariaDB: run "npm run stack -- up --mysql both".');
    const connection = await createConnection({ uri, multipleStatements: true });
    open.push(connection);
    return connection;
  };

  beforeAll(async () => {
    admin = await connect(adminUrl);
    relay = await connect(relayUrl);
    app = await connect(appUrl);
    await admin.query(
      `CREATE DATABASE IF NOT EXISTS github_data; CREATE TABLE ${table} (id INT PRIMARY KEY, n INT)`,
    );
  });

  afterAll(async () => {
    await admin?.query(`DROP TABLE IF EXISTS ${table}; DROP DATABASE IF EXISTS ${capture}`);
    await Promise.all(open.map((connection) => connection.end()));
  });

  it('the relay account makes a capture schema and a trigger of another definer, with the binary log on', async () => {
    const [variables] = await admin.query('SELECT @@log_bin AS log_bin');
    expect(variables).toEqual([{ log_bin: 1 }]);
    await relay.query(`CREATE DATABASE ${capture}`);
    await relay.query(`CREATE TABLE ${capture}.log (seq BIGINT AUTO_INCREMENT PRIMARY KEY, n INT)`);
    await relay.query(`LOCK TABLES ${table} WRITE`);
    await relay.query(
      `CREATE DEFINER=${definer} TRIGGER ${table}_ai AFTER INSERT ON ${table}
       FOR EACH ROW INSERT INTO ${capture}.log (n) VALUES (NEW.n)`,
    );
    await relay.query('UNLOCK TABLES');
  });

  it("the application's insert fires the trigger, and the application sees nothing of the capture schema", async () => {
    await app.query(`INSERT INTO ${table} VALUES (1, 7)`);
    const [logged] = await relay.query(`SELECT n FROM ${capture}.log`);
    expect(logged).toEqual([{ n: 7 }]);
    await expect(app.query(`SELECT * FROM ${capture}.log`)).rejects.toThrow(denied);
    await expect(app.query(`INSERT INTO ${capture}.log (n) VALUES (1)`)).rejects.toThrow(denied);
  });

  it('the application account may do nothing beside reading and writing rows', async () => {
    await expect(app.query(`CREATE TABLE github_data.not_ours (id INT)`)).rejects.toThrow(denied);
    await expect(app.query(`DROP TABLE ${table}`)).rejects.toThrow(denied);
    await expect(app.query('SELECT * FROM githubXdata.users')).rejects.toThrow(denied);
  });

  it('the relay account reads tables of an application but changes none, and grants nothing', async () => {
    const [rows] = await relay.query(`SELECT n FROM ${table}`);
    expect(rows).toEqual([{ n: 7 }]);
    await expect(relay.query(`INSERT INTO ${table} VALUES (2, 8)`)).rejects.toThrow(denied);
    await expect(relay.query(`UPDATE ${table} SET n = 0`)).rejects.toThrow(denied);
    await expect(relay.query(`DELETE FROM ${table}`)).rejects.toThrow(denied);
    await expect(relay.query(`DROP TABLE ${table}`)).rejects.toThrow(denied);
    await expect(relay.query(`GRANT SELECT ON ${table} TO 'tributary_app'@'%'`)).rejects.toThrow(denied);
  });

  it('the relay account deletes published changes through a temporary table under a named lock', async () => {
    await relay.query(`SELECT GET_LOCK('${capture}', 1)`);
    await relay.query(`CREATE TEMPORARY TABLE ${capture}.ack (seq BIGINT PRIMARY KEY) ENGINE=MEMORY`);
    await relay.query(`INSERT INTO ${capture}.ack SELECT seq FROM ${capture}.log`);
    await relay.query(`USE ${capture}`); // a DELETE through an alias needs a current database
    await relay.query(`DELETE l FROM ack STRAIGHT_JOIN log l ON l.seq = ack.seq`);
    const [left] = await relay.query(`SELECT COUNT(*) AS n FROM ${capture}.log`);
    expect(left).toEqual([{ n: 0 }]);
    await relay.query(`SELECT RELEASE_LOCK('${capture}')`);
  });

  it.each([
    ['make accounts', "CREATE USER 'stranger'@'%'"],
    ['change its own rights', "GRANT ALL PRIVILEGES ON *.* TO 'tributary_relay'@'%'"],
    ['change passwords of others', "ALTER USER 'tributary_app'@'%' IDENTIFIED BY 'x'"],
    ['change settings of the server', 'SET GLOBAL max_connections = 400'],
    ['stop the server', 'SHUTDOWN'],
    ['write files on the server', "SELECT 1 INTO OUTFILE '/tmp/tributary-not-there'"],
    ['read the binary log', 'SHOW BINARY LOGS'],
    ['make databases of other names', 'CREATE DATABASE other_than_ours'],
    ['empty a table of an application', 'TRUNCATE TABLE $table'],
    ['alter a table of an application', 'ALTER TABLE $table ADD COLUMN x INT'],
    [
      'make an account by a trick in the table of accounts',
      "DELETE FROM mysql.user WHERE user = 'tributary_app'",
    ],
  ])('the relay account may not %s', async (_, sql) => {
    await expect(relay.query(sql.replace('$table', table))).rejects.toThrow(
      /denied|need \(at least one of\)/i,
    );
  });

  it('the application account may not touch triggers, and sees no passwords', async () => {
    await expect(app.query(`DROP TRIGGER ${table}_ai`)).rejects.toThrow(denied);
    await expect(
      app.query(`CREATE TRIGGER ${table}_x AFTER INSERT ON ${table} FOR EACH ROW SET @x = 1`),
    ).rejects.toThrow(denied);
    await expect(app.query('SELECT * FROM mysql.user')).rejects.toThrow(denied);
    await expect(app.query(`DROP DATABASE ${capture}`)).rejects.toThrow(denied);
  });

  it('a trigger with the rights of the definer reads tables and appends to the log, and can do nothing else', async () => {
    const other = `${table}_other`;
    await admin.query(
      `CREATE TABLE ${other} (id INT PRIMARY KEY, n INT); INSERT INTO ${other} VALUES (1, 1)`,
    );
    try {
      for (const body of [
        `UPDATE ${other} SET n = 2`,
        `DELETE FROM ${other}`,
        `INSERT INTO ${other} VALUES (2, 2)`,
        `DELETE FROM ${capture}.log`,
        `UPDATE ${capture}.log SET n = 0`,
        `INSERT INTO mysql.db (user) VALUES ('x')`,
      ]) {
        await relay.query(
          `CREATE DEFINER=${definer} TRIGGER ${table}_tried AFTER UPDATE ON ${table} FOR EACH ROW ${body}`,
        );
        await expect(app.query(`UPDATE ${table} SET n = n + 1`)).rejects.toThrow(denied);
        await relay.query(`DROP TRIGGER ${table}_tried`);
      }
      const [rows] = await admin.query(`SELECT * FROM ${other}`);
      expect(rows).toEqual([{ id: 1, n: 1 }]);
    } finally {
      await admin.query(`DROP TABLE ${other}`);
    }
  });

  it('nobody logs in as the definer', async () => {
    const url = new URL(relayUrl ?? '');
    const login = createConnection({ host: url.hostname, port: Number(url.port), user: 'tributary_definer' });
    await expect(login).rejects.toThrow(/denied|locked/);
  });
});
