import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '@tributary/kernel';
import { cached, type Say } from '../install/cached';
import { createVenv } from '../install/python';
import { versionOf } from '../install/shared-libraries';
import { requireTool, run, which } from '../install/tools';
import type { MongoKind } from '../state';
import { addMongoAccounts, mongoTls } from './mongodb-account';
import type { NativeServer } from './server';

/** SecantusDB: a server of the MongoDB wire protocol, run as a separate process for development only. */
const pythonVersion = '0.7.0b3';
const rustVersion = '0.5.3-beta.196';
const rustItem = `secantus-rs-${rustVersion}`;

const installedRust = () => {
  const inCache = join(cacheFolder(), rustItem, 'bin/secantusd-rs');
  return existsSync(inCache) ? inCache : which('secantusd-rs');
};

/** The server to use when nobody named one: the real one, else a faster stand-in that is there, else one by pip. */
export function preferredMongo(): MongoKind {
  if (which('mongod')) return 'mongod';
  return installedRust() ? 'secantus-rs' : 'secantus-py';
}

async function rustBinary(say: Say): Promise<string> {
  const found = installedRust();
  if (found) return found;
  const cargo = requireTool('cargo', 'build secantusd-rs', 'Install Rust, or use --mongo secantus-py.');
  const folder = await cached(rustItem, say, async (draft) => {
    say('building secantusd-rs with cargo (some minutes, once)');
    const what = [
      'install',
      'secantus-mdb',
      '--version',
      rustVersion,
      '--ignore-rust-version',
      '--root',
      draft,
    ];
    await run('Building secantusd-rs', cargo, ['--quiet', ...what], { minutes: 40 });
  });
  return join(folder, 'bin/secantusd-rs');
}

async function pythonFolder(say: Say): Promise<string> {
  return cached(`secantus-py-${pythonVersion}`, say, async (draft) => {
    say('fetching the MongoDB-protocol server SecantusDB with pip');
    await createVenv(draft, `SecantusDB==${pythonVersion}`);
  });
}

export const mongodbServer: NativeServer = {
  name: 'mongodb',
  graceMs: 20_000,
  async prepare(context) {
    const { folder, record, say } = context;
    const kind = record.kind ?? preferredMongo();
    if (context.stack.secure && kind !== 'secantus-py')
      throw new Error('A secure stack knows TLS and logins of secantus-py only: leave out --mongo.');
    const data = join(folder, `data-${kind}`);
    mkdirSync(data, { recursive: true });
    const port = ['--port', String(record.port)];
    if (kind === 'mongod') {
      const remedy = 'Install MongoDB, or use --mongo secantus-py.';
      const mongod = requireTool('mongod', 'start MongoDB as a native process', remedy);
      const version = /v(\d\S*)/.exec(await versionOf(mongod, {}))?.[1] ?? '';
      return { command: mongod, args: [...port, '--bind_ip', '127.0.0.1', '--dbpath', data], version };
    }
    const common = ['--host', '127.0.0.1', ...port, '--storage-path', data, '--log-level', 'WARNING'];
    // Without it a kill loses writes that were acknowledged under j: true.
    if (!record.unsynced) common.push('--sync-on-commit');
    if (kind === 'secantus-rs')
      return { command: await rustBinary(say), args: common, version: `SecantusDB ${rustVersion} (Rust)` };
    const venv = await pythonFolder(say);
    const command = join(venv, 'bin/python');
    // Through python itself: the program's first line names the folder that the environment was made in.
    const args = [join(venv, 'bin/secantusd-py'), ...common];
    // In its usual 1 GB sessions wait for each other for ever once what they changed fills it; the one in Rust has as much.
    args.push('--cache-size', '4G');
    if (context.stack.secure) {
      args.push(...mongoTls(context));
      await addMongoAccounts(context, command, args);
      args.push('--auth');
    }
    return { command, args, version: `SecantusDB ${pythonVersion} (Python)` };
  },
};
