import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { serveTasks } from '@tributary/bulk';
import { fatal } from '@tributary/kernel';
import { leashedOutput } from '@tributary/spark';
import { modes } from './modes';

/** `bulk-worker <mode> [env-file]`: the file gives variables, such as addresses with passwords, that no command line may hold. */
const [mode = '', envFile] = process.argv.slice(2);

async function open() {
  if (envFile !== undefined) loadVariables(envFile);
  if (!Object.hasOwn(modes, mode))
    throw fatal('MODE', `"${mode}" is no kind of task: use one of ${Object.keys(modes).join(', ')}.`);
  return (await modes[mode]!())();
}

function loadVariables(path: string): void {
  try {
    // They stand above what the engine's own environment says.
    Object.assign(process.env, parseEnv(readFileSync(path, 'utf8')));
  } catch (error) {
    throw fatal(
      'ENV',
      `The file of variables cannot be read (${(error as NodeJS.ErrnoException).code}): ${path}.`,
    );
  }
}

const { stdin: input, stderr: error } = process;
const output = leashedOutput();
const code = await serveTasks(open, { input, output, error });
/** Spark reads a program's last words on a thread of its own, and tells of its end without waiting for that. */
const WORDS_TAKEN_MS = 300;
// What is written to a pipe is there when the stream has ended.
output.end(() => setTimeout(() => process.exit(code), code === 0 ? 0 : WORDS_TAKEN_MS));
