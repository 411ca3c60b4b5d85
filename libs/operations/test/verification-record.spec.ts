import type { RowDataPacket } from 'mysql2/promise';
import { cancelVerification, listVerifications, verifyDefaults } from '../src';
import { VerificationRecord } from '../src/verification/verification-record';
import { InstalledSource } from './installed-source';

const input = { ...verifyDefaults, patienceMs: 1_000, by: 'somebody' };
const result = { seconds: 1, reports: [], examples: [], repairs: {}, suspended: [] };

describe('the record of a verification', () => {
  let source: InstalledSource;
  const begin = (more: object = {}) =>
    VerificationRecord.begin(source.servers, { ...input, ...more }, source.context.note);
  const newest = async () => (await listVerifications(source.context))[0];

  beforeAll(async () => {
    source = await InstalledSource.open('record', ['t']);
  });
  afterAll(() => source?.close());

  const connections = async () => {
    const [rows] = await source.admin.query<RowDataPacket[]>('SELECT id FROM information_schema.processlist');
    return rows.map((row) => Number(row['id'] ?? row['ID']));
  };

  it('is ended in order when its connection was lost meanwhile', async () => {
    const before = await connections();
    const record = await begin();
    for (const id of (await connections()).filter((one) => !before.includes(one)))
      await source.admin.query(`KILL ${id}`);
    await record.end({ result, aborted: false });
    expect(await newest()).toMatchObject({ id: record.id, state: 'equal' });
  });

  it('that nobody has spoken of for half a minute is lost, and cannot be cancelled', async () => {
    const record = await begin();
    await source.admin.query(
      `UPDATE ${source.captureSchema}.verification SET seen_at = seen_at - INTERVAL 60 SECOND WHERE id = ?`,
      [record.id],
    );
    await expect(cancelVerification(source.context, record.id!)).rejects.toMatchObject({
      code: 'VERIFICATION',
    });
    await record.end({ result, aborted: false });
  });

  it('that cannot be ended is told, and is no failure; what must be recorded and cannot is refused', async () => {
    const record = await begin();
    await source.admin.query(`DROP TABLE ${source.captureSchema}.verification`);
    source.notes.length = 0;
    await record.end({ result, aborted: false });
    expect(source.notes).toEqual([expect.stringContaining(`verification ${record.id}`)]);
    await expect(begin({ mustRecord: true })).rejects.toMatchObject({ code: 'NOT_RECORDED' });
    expect((await begin()).id).toBeUndefined();
  });

  it('servers that are closed give no connection that nobody would close', async () => {
    const scope = source.servers.scope();
    const late = scope.mysql();
    await scope.close();
    await expect(late).rejects.toMatchObject({ code: 'CLOSED' });
  });
});
