import { join } from 'node:path';
import { requireTool, run } from './tools';

/** A virtual environment in `folder` with one package in it. Call its programs through `bin/python`: the folder moves. */
export async function createVenv(folder: string, requirement: string): Promise<void> {
  const python = requireTool(
    'python3',
    'install a MongoDB-protocol server without Docker',
    'Install Python 3 (Debian: apt-get install python3-venv), or set MONGODB_URI to a MongoDB of your own.',
  );
  await run('Making a Python environment (Debian: apt-get install python3-venv)', python, [
    '-m',
    'venv',
    folder,
  ]);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', requirement];
  await run(`Installing ${requirement}`, join(folder, 'bin/python'), pip);
}
