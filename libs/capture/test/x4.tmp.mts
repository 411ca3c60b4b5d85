import { installCapture } from '/work/wt/g/libs/capture/src/index';
import { openSource } from '/work/wt/g/libs/capture/test/servers';
import { Follower, sorted } from '/work/wt/g/libs/capture/test/follower';
async function play(flavour: any, name: string, ddl: string[], tables: string[], steps: string[]) {
  const s = await openSource(flavour);
  try {
    for (const d of ddl) await s.admin.query(d);
    await installCapture(s.relay, s.config(...tables.map((t) => `{ table: DB.${t} }`)));
    const f = await Follower.open(s, s.config(...tables.map((t) => `{ table: DB.${t} }`)));
    for (const step of steps) {
      const r: any = await s.admin.query(step).then(() => 'ok', (e: any) => `${e.errno} ${e.message.slice(0,80)}`);
      const log = (await s.log()).map((l) => `${l.op}${l.key}`).join(' ');
      try { await f.follow(); } catch (e: any) { console.log(flavour, name, '!!', e.message); }
      const same = JSON.stringify(sorted(f.target)) === JSON.stringify(sorted(await f.present()));
      console.log(flavour, name, same ? 'same' : 'DIFF', r, step.slice(0, 90), log.slice(0, 120), same ? '' : JSON.stringify(sorted(f.target)) + ' vs ' + JSON.stringify(sorted(await f.present())));
    }
    await f.close();
  } catch (e: any) { console.log(flavour, name, 'ERR', e.message.slice(0, 300)); } finally { await s.close(); }
}
const both = ['mysql', 'mariadb'];
const only = process.argv[2];
const T = async (name: string, flavours: string[], ddl: string[], tables: string[], steps: string[]) => { if (!only || name.includes(only)) for (const f of flavours) await play(f, name, ddl, tables, steps); };
await T('period', ['mariadb'], ['CREATE TABLE t (id INT PRIMARY KEY, s DATE, e DATE, n INT, PERIOD FOR p(s,e))'], ['t'], [
  "INSERT INTO t VALUES (1,'2020-01-01','2021-01-01',1),(2,'2020-01-01','2021-01-01',1)",
  "DELETE FROM t FOR PORTION OF p FROM '2020-06-01' TO '2022-01-01' WHERE id=1",
  "DELETE FROM t FOR PORTION OF p FROM '2019-06-01' TO '2020-02-01' WHERE id=1",
  "UPDATE t FOR PORTION OF p FROM '2020-06-01' TO '2022-01-01' SET n=2 WHERE id=2",
]);
await T('periodkey', ['mariadb'], ['CREATE TABLE t (id INT, s DATE, e DATE, n INT, PRIMARY KEY(id, s), PERIOD FOR p(s,e))'], ['t'], [
  "INSERT INTO t VALUES (1,'2020-01-01','2021-01-01',1),(2,'2020-01-01','2021-01-01',1),(3,'2020-01-01','2021-01-01',1)",
  "DELETE FROM t FOR PORTION OF p FROM '2020-06-01' TO '2020-07-01' WHERE id=1",
  "UPDATE t FOR PORTION OF p FROM '2020-06-01' TO '2020-08-01' SET n=2 WHERE id=2",
  "UPDATE t FOR PORTION OF p FROM '2019-06-01' TO '2020-08-01' SET n=2, id=9 WHERE id=3",
]);
await T('periodwo', ['mariadb'], ['CREATE TABLE t (id INT, s DATE, e DATE, n INT, u INT UNIQUE, PERIOD FOR p(s,e), PRIMARY KEY(id, p WITHOUT OVERLAPS))'], ['t'], [
  "INSERT INTO t VALUES (1,'2020-01-01','2021-01-01',1,1)",
  "UPDATE t FOR PORTION OF p FROM '2020-06-01' TO '2022-01-01' SET n=2,u=u+1 WHERE id=1",
  "REPLACE INTO t VALUES (1,'2020-01-01','2021-01-01',1,1)",
]);
await T('periodauto', ['mariadb'], ['CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, s DATE, e DATE, n INT, PERIOD FOR p(s,e))'], ['t'], [
  "INSERT INTO t (s,e,n) VALUES ('2020-01-01','2021-01-01',1),('2020-01-01','2021-01-01',1)",
  "DELETE FROM t FOR PORTION OF p FROM '2020-06-01' TO '2020-07-01' WHERE id=1",
  "UPDATE t FOR PORTION OF p FROM '2020-06-01' TO '2020-07-01' SET n=2 WHERE id=2",
]);
await T('replace', both, ['CREATE TABLE t (id INT PRIMARY KEY, u INT UNIQUE, v INT UNIQUE, n INT)'], ['t'], [
  'INSERT INTO t VALUES (1,1,1,1),(2,2,2,2),(3,3,3,3)',
  'REPLACE INTO t VALUES (1,2,3,9)', 'REPLACE INTO t VALUES (1,2,3,9)', 'REPLACE INTO t SELECT id+1,u,v,n FROM t',
  'INSERT INTO t VALUES (7,2,3,1) ON DUPLICATE KEY UPDATE id=8, u=9', 'INSERT INTO t VALUES (8,2,5,1) ON DUPLICATE KEY UPDATE id=2',
  'REPLACE DELAYED INTO t VALUES (2,1,1,1)',
  'INSERT INTO t VALUES (20,20,20,20),(21,21,21,21)',
  'UPDATE t SET id=id+1 ORDER BY id DESC', 'UPDATE t a JOIN t b ON a.id=b.id SET a.id=a.id+100, a.n=b.n+1', 
  'UPDATE t SET id = id - 100, n = n+1 ORDER BY id',
  'UPDATE IGNORE t SET id = 21, u=100 ORDER BY id',
  'REPLACE INTO t (id,u,v,n) VALUES (21,20,20,5),(22,21,21,6),(21,21,20,7)',
]);
await T('returning', ['mariadb'], ['CREATE TABLE t (id INT PRIMARY KEY, u INT UNIQUE, n INT)'], ['t'], [
  'INSERT INTO t VALUES (1,1,1),(2,2,2) RETURNING id', 'REPLACE INTO t VALUES (2,1,1) RETURNING n', 'DELETE FROM t RETURNING *',
]);
await T('softdel', both, ['CREATE TABLE p (id INT PRIMARY KEY, n INT)', 'CREATE TABLE c (id INT PRIMARY KEY, pid INT, FOREIGN KEY (pid) REFERENCES p(id) ON DELETE CASCADE ON UPDATE CASCADE)'], ['p','c'], [
  'INSERT INTO p VALUES (1,1),(2,2)', 'INSERT INTO c VALUES (1,1),(2,2)', 'REPLACE INTO p VALUES (1,5)', 'INSERT INTO p VALUES (2,1) ON DUPLICATE KEY UPDATE id=7', 
  'UPDATE p, c SET p.id=8, c.id=9 WHERE p.id=7 AND c.pid=p.id', 'DELETE p, c FROM p JOIN c ON c.pid=p.id',
]);
await T('chars', both, [
 'CREATE TABLE p (k VARCHAR(10) PRIMARY KEY, n INT)',
 'CREATE TABLE c (id INT, k CHAR(10), n INT, PRIMARY KEY(k,id), FOREIGN KEY (k) REFERENCES p(k) ON UPDATE CASCADE ON DELETE CASCADE)'], ['p','c'], [
  "INSERT INTO p VALUES ('a',1),('b',2),('d',3)", "INSERT INTO c VALUES (1,'a',1),(2,'b',1),(3,'D',1)", "UPDATE p SET k='x ' WHERE k='a'", "UPDATE p SET k='y' WHERE k LIKE 'x%'", "UPDATE p SET k='bb  ' WHERE k='b'", "DELETE FROM p WHERE k LIKE 'bb%'", "UPDATE p SET k='D' WHERE k='d'", "UPDATE p SET k='É' WHERE k='d'",
]);
for (const coll of ['utf8mb4_bin','utf8mb4_0900_ai_ci','latin1_swedish_ci','utf8mb4_0900_bin','utf8mb4_nopad_bin','utf8mb4_general_nopad_ci'])
await T('char-'+coll, both, [
 `CREATE TABLE p (k VARCHAR(10) COLLATE ${coll} PRIMARY KEY, n INT) CHARACTER SET ${coll.split('_')[0]}`,
 `CREATE TABLE c (id INT, k CHAR(10) COLLATE ${coll}, n INT, PRIMARY KEY(k,id), FOREIGN KEY (k) REFERENCES p(k) ON UPDATE CASCADE ON DELETE CASCADE) CHARACTER SET ${coll.split('_')[0]}`,
 `CREATE TABLE d (id INT PRIMARY KEY, k CHAR(4) COLLATE ${coll}, FOREIGN KEY (k) REFERENCES p(k) ON UPDATE CASCADE ON DELETE SET NULL) CHARACTER SET ${coll.split('_')[0]}`], ['p','c','d'], [
  "INSERT INTO p VALUES ('a',1),('b',2),('d',3)", "INSERT INTO c VALUES (1,'a',1),(2,'b',1)", "INSERT INTO d VALUES (1,'a'),(2,'b')", "UPDATE p SET k='x ' WHERE k='a'", "UPDATE p SET k='y' WHERE k LIKE 'x%'", "UPDATE p SET k='bb  ' WHERE k='b'", "DELETE FROM p WHERE k LIKE 'bb%'","UPDATE p SET k='long12345' WHERE k='y'",
]);
await T('revchar', both, [
 'CREATE TABLE p (k CHAR(10) PRIMARY KEY, n INT)',
 'CREATE TABLE c (id INT, k VARCHAR(10), n INT, PRIMARY KEY(k,id), FOREIGN KEY (k) REFERENCES p(k) ON UPDATE CASCADE ON DELETE CASCADE)'], ['p','c'], [
  "INSERT INTO p VALUES ('a',1),('b',2)", "INSERT INTO c VALUES (1,'a',1),(2,'b ',1)", "UPDATE p SET k='x ' WHERE k='a'", "UPDATE p SET k='y' WHERE k LIKE 'x%'", "UPDATE p SET k='bb  ' WHERE k='b'", "DELETE FROM p WHERE k LIKE 'bb%'",
]);
await T('binary', both, [
 'CREATE TABLE p (k VARBINARY(10) PRIMARY KEY, n INT)',
 'CREATE TABLE c (id INT, k BINARY(3), n INT, PRIMARY KEY(k,id), FOREIGN KEY (k) REFERENCES p(k) ON UPDATE CASCADE ON DELETE CASCADE)'], ['c'], [
  "INSERT INTO p VALUES ('abc',1),('b',2)", "INSERT INTO c VALUES (1,'abc',1)", "UPDATE p SET k='xyz' WHERE k='abc'", "UPDATE p SET k='y' WHERE k LIKE 'x%'", "DELETE FROM p",
]);
process.exit(0);
