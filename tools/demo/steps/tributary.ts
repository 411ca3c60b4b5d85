import { join } from 'node:path';
import { execa } from 'execa';
import { repositoryRoot } from '@tributary/dev-stack';
import type { Pipeline } from './pipeline';

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly signal?: AbortSignal;
  /** Passes on what the command says while it works. */
  readonly showProgress?: boolean;
}

/** Runs a command of the operator's command line against the pipeline, as an operator would; never rejects. */
export async function tributary(
  { env }: Pipeline,
  args: readonly string[],
  { signal, showProgress = false }: CommandOptions = {},
): Promise<CommandResult> {
  const { exitCode, stdout, stderr, message } = await execa(
    process.execPath,
    [join(repositoryRoot, 'tools/tributary.mjs'), ...args],
    {
      env,
      extendEnv: false,
      reject: false,
      stderr: showProgress ? ['inherit', 'pipe'] : 'pipe',
      ...(signal && { cancelSignal: signal }),
    },
  );
  return { exitCode: exitCode ?? 1, stdout, stderr: exitCode === undefined ? (message ?? stderr) : stderr };
}

/** Like `tributary`, but rejects with the command's own words when it does not exit 0. */
export async function tributaryOk(
  pipeline: Pipeline,
  args: readonly string[],
  options?: CommandOptions,
): Promise<string> {
  const { exitCode, stdout, stderr } = await tributary(pipeline, args, options);
  if (exitCode !== 0)
    throw new Error(`tributary ${args.join(' ')} ended with ${exitCode}: ${(stderr || stdout).trim()}`);
  return stdout;
}
