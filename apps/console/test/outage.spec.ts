import { TestConsole, TestFiles } from './support/test-console';

jest.setTimeout(90_000);

const NOBODY = '127.0.0.1:1';

describe('the console while a server is away', () => {
  const files = new TestFiles();
  afterAll(() => files.remove());

  it('without Kafka it starts, says so first, and does nothing that it cannot write down', async () => {
    const server = await TestConsole.start(files, { servers: { KAFKA_BROKERS: NOBODY } });
    const operator = server.withToken();
    const overview = await operator.done('overview');
    expect(overview.verdict).toMatchObject({
      severity: 'trouble',
      sentence: expect.stringContaining('kafka'),
    });
    expect(overview.stages.map(({ state }) => state)).toEqual(Array(4).fill('waiting'));
    expect(await operator.problem('deadLetters')).toEqual([503, 'UNREACHABLE']);
    expect(await operator.problem('audit')).toEqual([503, 'UNREACHABLE']);
    // The capture schema is not there: it fails, and that is what could not be written.
    const body = { table: `${files.name}.t` };
    expect(await operator.problem('startSnapshots', { body })).toEqual([503, 'AUDIT']);
    const ready = await operator.send('GET', '/health/ready');
    expect([ready.status, await ready.text()]).toEqual([200, expect.stringContaining('away')]);
    await server.stop();
  });

  it('without MySQL it shows what the others say', async () => {
    const servers = { MYSQL_URL: `mysql://tributary:hunter2@${NOBODY}` };
    const server = await TestConsole.start(files, { servers });
    const operator = server.withToken();
    const { verdict, unreachable } = await operator.done('overview');
    expect([verdict.severity, Object.keys(unreachable)]).toEqual(['trouble', ['mysql']]);
    const answered = await operator.call('snapshots');
    expect(answered.status).toBe(503);
    expect(JSON.stringify([answered.body, unreachable])).not.toContain('hunter2');
    expect((await operator.done('deadLetters')).total).toBe(0);
    await server.stop();
  });
});
