import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fatal, transient } from '@tributary/kernel';
import { z } from 'zod';
import { exitCodes } from './exit-codes';
import { serveTasks, type TaskWork } from './task-worker';

interface Doubled {
  readonly doubled: number;
}

const schema = z.strictObject({ n: z.number() });

function work(more: Partial<TaskWork<{ n: number }, Doubled>> = {}): TaskWork<{ n: number }, Doubled> {
  return {
    schema,
    async *run({ n }) {
      yield { doubled: 2 * n };
      yield { doubled: 4 * n };
    },
    close: () => Promise.resolve(),
    ...more,
  };
}

async function served(lines: string, open = () => Promise.resolve(work())) {
  const [output, error] = [new PassThrough(), new PassThrough()];
  const texts = [text(output), text(error)];
  const code = await serveTasks(open, { input: Readable.from([lines]), output, error });
  output.end();
  error.end();
  return { code, output: await texts[0], error: await texts[1] };
}

describe('a worker of tasks', () => {
  it('takes a task a line and gives its results a line each, and nothing else', async () => {
    expect(await served('{"n":1}\n\n{"n":10}\n')).toEqual({
      code: 0,
      output: '{"doubled":2}\n{"doubled":4}\n{"doubled":20}\n{"doubled":40}\n',
      error: '',
    });
  });

  it('gives what it has gathered at the end', async () => {
    const gathers = work({
      async *run() {},
      async *end() {
        yield { doubled: 7 };
      },
    });
    expect((await served('{"n":1}\n', () => Promise.resolve(gathers))).output).toBe('{"doubled":7}\n');
  });

  it.each([
    ['no JSON', 'nonsense\n', /A task is not JSON: nonsense/],
    [
      'another task',
      '{"m":1}\n',
      /A task cannot be used \(n: .*\): the worker and the command are of different versions/,
    ],
  ])('refuses %s in one sentence, for good', async (_what, lines, sentence) => {
    const { code, output, error } = await served(lines);
    expect([code, output]).toEqual([exitCodes.configuration, '']);
    expect(error).toMatch(sentence);
    expect(error!.trim().split('\n')).toHaveLength(1);
  });

  it.each([
    ['what a person must mend', fatal('CONFIG', 'No such\ntable.'), exitCodes.configuration],
    ['what passes by itself', transient('MYSQL', 'MySQL is away.'), exitCodes.passing],
    ['what nobody expected', new Error('Something broke.'), exitCodes.passing],
  ])('tells %s by its exit code, in one line, and closes', async (_what, fault, code) => {
    let closed = false;
    const fails = work({
      async *run() {
        throw fault;
      },
      close: () => Promise.resolve(void (closed = true)),
    });
    const found = await served('{"n":1}\n', () => Promise.resolve(fails));
    expect([found.code, found.error]).toEqual([code, `${fault.message.replace('\n', ' ')}\n`]);
    expect(closed).toBe(true);
  });

  it('says so when it cannot begin', async () => {
    const fails = () => Promise.reject(fatal('ENV', 'MYSQL_URL is missing.'));
    expect(await served('', fails)).toEqual({
      ...{ code: exitCodes.configuration, output: '', error: 'MYSQL_URL is missing.\n' },
    });
  });
});
