import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { fatal } from '@tributary/kernel';

const { stdin, stderr } = process;

/** Asks twice on a terminal and shows nothing of it; of what is piped the first line. Throws a fatal SyncError. */
export async function askPassword(): Promise<string> {
  const password = stdin.isTTY ? await askHidden('Password: ') : await firstLine();
  if (password === '') throw fatal('PASSWORD', 'The password is empty: give one.');
  if (stdin.isTTY && (await askHidden('Again: ')) !== password)
    throw fatal('PASSWORD', 'The two are not the same: try again.');
  return password;
}

async function askHidden(question: string): Promise<string> {
  stderr.write(question);
  // What a line editor would show as it is typed goes nowhere.
  const nowhere = new Writable({ write: (_, __, done) => done() });
  const asking = createInterface({ input: stdin, output: nowhere, terminal: true });
  try {
    return await new Promise<string>((resolve, reject) => {
      asking.once('SIGINT', () => reject(fatal('PASSWORD', 'Nothing was made.')));
      void asking.question('').then(resolve, reject);
    });
  } finally {
    asking.close();
    stderr.write('\n');
  }
}

async function firstLine(): Promise<string> {
  for await (const line of createInterface({ input: stdin })) return line;
  return '';
}
