import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sparkRemote, waitFor } from '@tributary/testing';
import { openSpark, transformRows, transformSql, type SparkSession } from '../src';

const root = join(__dirname, '../../..');

const hostile = [
  ...[`quotes ' " \` and ''`, 'backslashes \\ \\\\ \\n \\u0041 \\x', 'line\nends\r\nand\u2028more'],
  ...['NUL \0 and \u0001 and \u001f', 'tab\tand\ttab', 'Ünï 𝔘 漢字 \u0301', '\ud800 alone', '\\N', ''],
  ...['${spark.app.name} ${env:HOME} $HOME', '`id` $(id) ; rm -rf x', '%s %n {0}', '-- comment /* */', ' '],
];

describe('programs on the executors', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-transform-'));
  let spark: SparkSession;

  beforeAll(async () => {
    spark = await openSpark({ remote: await sparkRemote() });
  });
  afterAll(async () => {
    await spark?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const program = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, `#!/bin/bash\n${text}\n`);
    chmodSync(path, 0o755);
    return path;
  };
  const results = async (sql: string) => (await spark.rows(sql)).map(({ result }) => result);
  const alive = (pid: number) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };

  it('texts get there and back byte for byte, whatever they hold', async () => {
    const tasks = hostile.map((text) => JSON.stringify({ text }));
    await expect(results(transformSql('cat', tasks))).resolves.toEqual(tasks);
  });

  it('so does the command', async () => {
    const command = `printf '%s\\n' 'it'"'"'s \${x} \\t "ü"' | cat`;
    await expect(results(transformSql(command, ['{}']))).resolves.toEqual([`it's \${x} \\t "ü"`]);
  });

  it('some hundred tasks of some kB each, one program for each group', async () => {
    const tasks = Array.from({ length: 300 }, (_, n) => JSON.stringify({ n, text: `é'\\`.repeat(1000) }));
    const command = program('group', 'echo "program $(wc -l)"');
    await expect(results(transformSql('cat', tasks, 100))).resolves.toEqual(tasks);
    await expect(results(transformSql(command, tasks, 100))).resolves.toEqual(
      Array.from({ length: 3 }, () => 'program 100'),
    );
    expect((await results(transformSql(command, tasks.slice(0, 5)))).length).toBe(5);
  });

  it('the rows of a query, one program for each of its partitions', async () => {
    const query = `SELECT to_json(struct(id AS n)) FROM range(0, 1000, 1, 2)`;
    const command = program('rows', 'echo "program $$"; cat');
    const found = await results(transformRows(command, query));
    const tasks = found.filter((line) => !String(line).startsWith('program'));
    expect(tasks).toEqual(Array.from({ length: 1000 }, (_, n) => `{"n":${n}}`));
    expect(found.length).toBe(1002);
  });

  it('one that always fails: its last words are the sentence', async () => {
    const tries = join(folder, 'tries');
    rmSync(tries, { force: true });
    // As a worker does: what it says as it ends, Spark may not have read when it looks.
    const command = program(
      'nine',
      `echo x >>${tries}; echo first >&2; echo 'the source is gone: tell Bob' >&2; sleep 0.5; exit 9`,
    );
    await expect(spark.rows(transformSql(command, ['{}']))).rejects.toMatchObject({
      ...{ name: 'SyncError', kind: 'fatal', code: 'SPARK_WORKER' },
      message: expect.stringMatching(/^[^\n]*exited with status 9[^\n]*the source is gone: tell Bob$/),
    });
    expect(readFileSync(tries, 'utf8')).toBe('x\n'.repeat(4));
  });

  it('one that is killed once: the statement ends well', async () => {
    const mark = join(folder, 'killed');
    const command = program('once', `[ -e ${mark} ] || { touch ${mark}; kill -9 $$; }; cat`);
    const tasks = ['{"n":1}', '{"n":2}', '{"n":3}'];
    await expect(results(transformSql(command, tasks))).resolves.toEqual(tasks);
    expect(existsSync(mark)).toBe(true);
  });

  const leashed = (pids: string) =>
    `exec ${join(root, 'node_modules/.bin/tsx')} ${join(__dirname, 'support/leashed-program.ts')} ${pids}`;

  it('an aborted signal ends the programs on the executors, and nothing else of the session', async () => {
    const pids = join(folder, 'pids');
    const abort = new AbortController();
    const sql = transformSql(leashed(pids), ['{}', '{}', '{}']);
    const running = spark.rows(sql, { signal: abort.signal, tag: 'long' });
    running.catch(() => undefined);
    await waitFor(() => existsSync(pids) && readdirSync(pids).length === 2, { timeoutMs: 40_000 });
    const began = Date.now();
    abort.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    expect(Date.now() - began).toBeLessThan(8000);
    const seen = readdirSync(pids).map(Number);
    // Both slots are free again, long before the programs would have ended by themselves.
    await expect(results(transformSql('cat', ['{"still":"there"}']))).resolves.toEqual(['{"still":"there"}']);
    await waitFor(() => !seen.some(alive), { timeoutMs: 30_000 });
    expect(readdirSync(pids).length).toBe(2);
  });

  it('so does a consumer that leaves early', async () => {
    const pids = join(folder, 'left');
    const command = program(
      'quick-first',
      `read -r task; [ "$task" = '"quick"' ] && echo "$task" || ${leashed(pids)}`,
    );
    for await (const rows of spark.query(transformSql(command, ['"quick"', '"long"']))) {
      expect(rows).toEqual([{ result: '"quick"' }]);
      await waitFor(() => existsSync(pids), { timeoutMs: 40_000 });
      break;
    }
    await expect(results(transformSql('cat', ['{}', '{}']))).resolves.toEqual(['{}', '{}']);
    const [left] = readdirSync(pids).map(Number);
    await waitFor(() => !alive(left!), { timeoutMs: 30_000 });
  });
});
