import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMysql, type Connection } from '@tributary/capture';
import { stackEnv, uniqueName } from '@tributary/testing';
import type { RowDataPacket } from 'mysql2/promise';
import {
  cancelVerification,
  install,
  listVerifications,
  Servers,
  verifyDefaults,
  type OperationContext,
} from '../src';
import { VerificationRecord } from '../src/verification/verification-record';

const env = stackEnv();
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const name = uniqueName('record');
const folder = mkdtempSync(join(tmpdir(), 'tributary-record-'));
const input = { ...verifyDefaults, patienceMs: 1_000, by: 'somebody' };
const result = { seconds: 1, reports: [], examples: [], repairs: {}, suspended: [] };

describe('the record of a verification', () => {
  let admin: Connection;
  let servers: Servers;
  let context: OperationContext;
  const notes: string[] = [];
  const note = (sentence: string) => void notes.push(sentence);
  const newest = async () => (await listVerifications(context))[0];

  beforeAll(async () => {
    const file = join(folder, 'sync.yaml');
    writeFileSync(
      file,
      `topics: { prefix: ${name} }\ncapture: { schema: tributary_${name} }\ntables: [{ table: ${name}.* }]\n`,
    );
    admin = await openMysql(env.ADMIN_MYSQL_URL);
    await admin.query(`CREATE DATABASE ${name}`);
    await admin.query(`CREATE TABLE ${name}.t (id INT PRIMARY KEY)`);
    servers = new Servers({ mysql: true }, silent, { ...process.env, SYNC_CONFIG: file });
    context = { servers, log: silent, note };
    await install(context, {});
  });

  afterAll(async () => {
    await servers?.close();
    for (const database of [name, `tributary_${name}`])
      await admin?.query(`DROP DATABASE IF EXISTS ${database}`);
    admin?.destroy();
    rmSync(folder, { recursive: true });
  });

  const connections = async () => {
    const [rows] = await admin.query<RowDataPacket[]>('SELECT id FROM information_schema.processlist');
    return rows.map((row) => Number(row['id'] ?? row['ID']));
  };

  it('is ended in order when its connection was lost meanwhile', async () => {
    const before = await connections();
    const record = await VerificationRecord.begin(servers, input, note);
    for (const id of (await connections()).filter((one) => !before.includes(one)))
      await admin.query(`KILL ${id}`);
    await record.end({ result, aborted: false });
    expect(await newest()).toMatchObject({ id: record.id, state: 'equal' });
  });

  it('that nobody has spoken of for half a minute is lost, and cannot be cancelled', async () => {
    const record = await VerificationRecord.begin(servers, input, note);
    await admin.query(
      `UPDATE tributary_${name}.verification SET seen_at = seen_at - INTERVAL 60 SECOND WHERE id = ?`,
      [record.id],
    );
    await expect(cancelVerification(context, record.id!)).rejects.toMatchObject({ code: 'VERIFICATION' });
    await record.end({ result, aborted: false });
  });

  it('that cannot be ended is told, and is no failure; what must be recorded and cannot is refused', async () => {
    const record = await VerificationRecord.begin(servers, input, note);
    await admin.query(`DROP TABLE tributary_${name}.verification`);
    notes.length = 0;
    await record.end({ result, aborted: false });
    expect(notes).toEqual([expect.stringContaining(`verification ${record.id}`)]);
    await expect(
      VerificationRecord.begin(servers, { ...input, mustRecord: true }, note),
    ).rejects.toMatchObject({ code: 'NOT_RECORDED' });
    expect((await VerificationRecord.begin(servers, input, note)).id).toBeUndefined();
  });

  it('servers that are closed give no connection that nobody would close', async () => {
    const scope = servers.scope();
    const late = scope.mysql();
    await scope.close();
    await expect(late).rejects.toMatchObject({ code: 'CLOSED' });
  });
});
