import { setTimeout as sleep } from 'node:timers/promises';
import type { WireRow } from '@tributary/contract';
import { Fixture, servers, ways } from './fixture';

const KEYS = 200;
const LAG_MS = 400;
const RUNS = 3;

const key = (id: number): WireRow => ({ id });

/** A stand-in for the services: it applies the changes in order, each only after a lag. */
class LaggingPipeline {
  #queue: { at: number; key: WireRow; row: WireRow | null }[] = [];
  #applied = 0;
  #noted = 0;

  constructor(private readonly fixture: Fixture) {}

  note(change: { key: WireRow; row: WireRow | null }): void {
    this.#queue.push({ ...change, at: Date.now() });
    this.#noted += 1;
  }

  async run(until: () => boolean): Promise<void> {
    while (!until() || this.#queue.length > 0) {
      const due = this.#queue.filter(({ at }) => Date.now() - at > LAG_MS);
      this.#queue = this.#queue.slice(due.length);
      const last = new Map(due.map((change) => [JSON.stringify(change.key), change]));
      if (last.size > 0) await this.fixture.sync('live', [...last.values()]);
      this.#applied += due.length;
      await sleep(20);
    }
  }

  /** The drain: all that was noted before the call is applied. */
  async wait() {
    const end = this.#noted;
    while (this.#applied < end) await sleep(20);
    return { passed: true } as const;
  }
}

describe.each(ways)('verify under live changes by %s', (way) => {
  let fixture: Fixture;

  beforeAll(async () => {
    fixture = await Fixture.create(
      servers[0]!,
      ['CREATE TABLE live (id INT PRIMARY KEY, n INT, note VARCHAR(20))'],
      '  - table: "{db}.live"',
      way,
    );
    for (let id = 0; id < KEYS; id += 1)
      await fixture.admin.query('INSERT INTO live VALUES (?, 0, ?)', [id, `row ${id}`]);
    await fixture.sync('live');
  });
  afterAll(() => fixture.drop());

  it('raises no false alarm while the targets lag, and finds what is truly wrong', async () => {
    const pipeline = new LaggingPipeline(fixture);
    const application = await fixture.connect(fixture.server.adminUrl);
    await application.query(`USE ${fixture.database}`);
    let stop = false;
    let writes = 0;
    const write = async () => {
      for (; !stop; writes += 1) {
        const id = Math.floor(Math.random() * KEYS * 1.5);
        if (Math.random() < 0.2) {
          await application.query('DELETE FROM live WHERE id = ?', [id]);
          pipeline.note({ key: key(id), row: null });
        } else {
          await application.query('REPLACE INTO live VALUES (?, ?, ?)', [id, writes, `row ${id}`]);
          pipeline.note({ key: key(id), row: { id, n: writes, note: `row ${id}` } });
        }
        await sleep(10);
      }
    };
    const working = Promise.all([write(), pipeline.run(() => stop)]);
    const verify = () => fixture.verify('live', { drain: pipeline });
    for (let run = 0; run < RUNS; run += 1) expect((await verify()).differences).toEqual([]);

    // Beyond the keys that the application touches.
    await fixture.admin.query("INSERT INTO live VALUES (5000, 1, 'never captured'), (5001, 1, 'ok')");
    await fixture.sync('live', [{ key: key(5001), row: { id: 5001, n: 2, note: 'ok' } }]);
    const { differences } = await verify();
    expect(
      differences.map(({ target, kind, key: found }) => `${target} ${kind} ${String(found?.['id'])}`).sort(),
    ).toEqual(['mongo different 5001', 'mongo missing 5000', 'redis different 5001', 'redis missing 5000']);
    stop = true;
    await working;
    expect(writes).toBeGreaterThan(100);
  }, 60_000);
});
