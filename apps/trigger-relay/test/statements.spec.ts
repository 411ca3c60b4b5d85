import { setTimeout as sleep } from 'node:timers/promises';
import { stackEnv, waitFor } from '@tributary/testing';
import { RelayFixture } from './relay-fixture';
import { StatementLog } from './statement-log';

jest.setTimeout(120_000);

/** What the log costs the source; the checks by the clock (jobs, drift, sizes) are no matter of a change. */
const ofTheLog = /^(CALL|SELECT change_log|EXECUTE|DELETE|INSERT INTO ack|START|UPDATE relay_state|COMMIT)/;
const acknowledging = ['START TRANSACTION', 'UPDATE relay_state', 'DELETE l', 'COMMIT'];

describe('what the relay asks of the source', () => {
  const fixture = new RelayFixture();
  let statements: StatementLog;
  let lastId = 0;
  const insert = (rows: number) =>
    fixture.admin.query(
      `INSERT INTO ${fixture.table} VALUES ${Array.from({ length: rows }, () => `(${(lastId += 1)}, 'v')`).join()}`,
    );
  beforeAll(async () => {
    await fixture.open();
    statements = new StatementLog(new URL(stackEnv().MYSQL_URL).username);
    await fixture.start().untilLeading();
    await fixture.untilEqual();
  });
  afterAll(async () => {
    await fixture.close();
    statements.stop();
  });

  const logEmpty = () => waitFor(async () => (await fixture.log()) === 0, { everyMs: 5 });
  /** Round trips for the log since the last call; the floor's markers come with a slow machine. */
  const trips = () =>
    statements
      .take()
      .filter(([first = '']) => ofTheLog.test(first))
      .filter((trip) => trip.join() !== 'START TRANSACTION' && trip.join() !== 'COMMIT');
  const counted = (all: readonly (readonly string[])[], statement: string) =>
    all.flat().filter((one) => one === statement).length;

  it('a lone change costs two waits, a read, a look at its table and one small transaction', async () => {
    const costs: string[] = [];
    for (let turn = 1; turn <= 5; turn += 1) {
      await sleep(1_500);
      statements.take();
      await insert(1);
      await logEmpty();
      await sleep(20);
      costs.push(JSON.stringify(trips()));
    }
    // A wait that ends by itself, or a marker of the floor, may come in between: not in all five.
    expect(costs).toContain(
      JSON.stringify([
        ['SELECT change_log'],
        ['EXECUTE'],
        ['CALL await_entries'],
        acknowledging,
        ['CALL await_entries'],
      ]),
    );
  });

  it('R12: changes that follow each other are read once, published once and acknowledged together', async () => {
    const before = await fixture.records();
    statements.take();
    const startedAt = performance.now();
    for (let turn = 0; turn < 300; turn += 1) {
      await insert(1);
      await sleep(4);
    }
    await logEmpty();
    const sent = trips();
    const most = 2 + (performance.now() - startedAt) / 100;
    const reads = counted(sent, 'SELECT change_log');
    expect((await fixture.records()) - before).toBe(300);
    expect(counted(sent, 'UPDATE relay_state')).toBeLessThanOrEqual(most);
    expect(counted(sent, 'EXECUTE')).toBeLessThanOrEqual(reads);
    expect(counted(sent, 'CALL await_entries')).toBeLessThan(reads / 2);
  });

  it('a thousand changes at once are one round', async () => {
    await sleep(200);
    statements.take();
    await insert(1_000);
    await logEmpty();
    const sent = trips();
    // A marker of the floor may have a round, or an acknowledgement, of its own.
    expect(counted(sent, 'EXECUTE')).toBe(1);
    expect(counted(sent, 'UPDATE relay_state')).toBeLessThanOrEqual(2);
    expect(counted(sent, 'SELECT change_log')).toBeLessThanOrEqual(3);
  });

  it('an idle relay asks once a second', async () => {
    await sleep(500);
    statements.take();
    await sleep(5_000);
    const all = statements.take();
    // Each marker of the floor is a change to wake up for.
    const markers = counted(all, 'INSERT INTO change_log');
    expect(counted(all, 'CALL await_entries')).toBeLessThanOrEqual(6 + 2 * markers);
    expect(counted(all, 'SELECT change_log')).toBeLessThanOrEqual(6 + 2 * markers);
  });
});
