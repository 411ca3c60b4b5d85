import { AsyncLocalStorage } from 'node:async_hooks';
import { Writable } from 'node:stream';
import { runCommandLine } from '../src/cli';
import { environment, type Ran } from './tributary';

/** What a process would have for itself. */
interface Own {
  readonly env: NodeJS.ProcessEnv;
  readonly stdout: Writable;
  readonly stderr: Writable;
  exitCode: number;
}

const own = new AsyncLocalStorage<Own>();

/** Each command sees its own; whoever runs beside it sees those of the process. */
for (const name of ['env', 'stdout', 'stderr', 'exitCode'] as const) {
  let beside: unknown = process[name];
  Object.defineProperty(process, name, {
    get: () => own.getStore()?.[name] ?? beside,
    set: (value: unknown) => {
      const store = own.getStore();
      if (store) Object.assign(store, { [name]: value });
      else beside = value;
    },
  });
}

function kept(pieces: Buffer[]): Writable {
  return new Writable({
    write(piece: Buffer, _encoding, done) {
      pieces.push(piece);
      done();
    },
  });
}

/**
 * Runs a command line in this process, several at a time if need be: what a command does and prints, without the 0.6 s of
 * processor time that a process takes to load. What is a process's own (signals, pipes, terminals) is tested with the built one.
 */
export async function inProcess(
  args: readonly string[],
  variables: Record<string, string | undefined> = {},
): Promise<Ran> {
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  const of = { env: environment(variables), stdout: kept(out), stderr: kept(err), exitCode: 0 };
  await own.run(of, () => runCommandLine(['node', 'tributary', ...args]));
  const text = (pieces: Buffer[]) => Buffer.concat(pieces).toString('utf8');
  return { code: of.exitCode, out: text(out), err: text(err) };
}
