import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isFree } from '@tributary/kernel';
import { lastLines, startDetached } from './detached';
import { stackFolder } from './paths';
import { pickPort } from './ports';
import { probe } from './probes';
import { isAlive, terminate } from './process-id';
import { labels, nativeServers } from './servers';
import { saveState, type ServerName, type ServerRecord, type StackState } from './state';

/** A server that answers nothing for this long after its start is given up, milliseconds. */
const startBoundMs = 120_000;

const logFile = (stack: string, server: ServerName) => join(stackFolder(stack), 'logs', `${server}.log`);
const pidFile = (stack: string, server: ServerName) => join(stackFolder(stack), 'pids', `${server}.pid`);

/** A server that was killed a moment ago may still be giving its port back. */
async function becomesFree(port: number): Promise<boolean> {
  for (const end = Date.now() + 3000; !(await isFree(port)); await sleep(100))
    if (Date.now() > end) return false;
  return true;
}

/** The record with ports that are ours to use: the kept ones, or new ones if a stranger listens there by now. */
async function withPorts(
  state: StackState,
  name: ServerName,
  say: (line: string) => void,
): Promise<ServerRecord> {
  const record = (state.servers[name] ??= { port: await pickPort() });
  if (!(await becomesFree(record.port))) {
    const port = await pickPort();
    say(`port ${record.port} is taken by a process of somebody else; moving to ${port}`);
    record.port = port;
  }
  if (name === 'kafka' && !(record.innerPort && (await becomesFree(record.innerPort))))
    record.innerPort = await pickPort([record.port]);
  return record;
}

/** Waits until the server answers a real query; rejects when it dies or the bound passes. */
async function waitUntilReady(state: StackState, name: ServerName): Promise<string> {
  const record = state.servers[name];
  const log = logFile(state.name, name);
  for (const end = Date.now() + startBoundMs; ; await sleep(100)) {
    try {
      return await probe(state, name);
    } catch (cause) {
      if (!isAlive(record?.process))
        throw new Error(
          `${labels[name]} ended while starting; see ${log}. Its last words:\n${lastLines(log)}`,
          { cause },
        );
      if (Date.now() > end) {
        const why = (cause as Error).message;
        throw new Error(
          `${labels[name]} runs (pid ${record?.process?.pid}) but does not answer: ${why}; see ${log}.`,
          {
            cause,
          },
        );
      }
    }
  }
}

/** Makes one native server run and answer; leaves it alone when it does already. */
export async function startNative(
  state: StackState,
  name: ServerName,
  say: (line: string) => void,
): Promise<void> {
  const began = Date.now();
  let record = state.servers[name];
  if (record?.external) {
    record.version = await probe(state, name);
    say('answers (the server that MONGODB_URI names)');
    return;
  }
  const running = isAlive(record?.process);
  if (!running) {
    if (record?.process) say(`had died (pid ${record.process.pid}); starting it again`);
    if (record) delete record.process;
    record = await withPorts(state, name, say);
    saveState(state);
    const folder = join(stackFolder(state.name), name);
    for (const part of [folder, join(stackFolder(state.name), 'logs'), join(stackFolder(state.name), 'pids')])
      mkdirSync(part, { recursive: true });
    const launch = await nativeServers[name].prepare({ stack: state, record, folder, say });
    say(`starting ${launch.version} on 127.0.0.1:${record.port}`);
    const env = { ...process.env, ...launch.env };
    record.process = startDetached(launch.command, launch.args, {
      cwd: folder,
      env,
      log: logFile(state.name, name),
    });
    record.version = launch.version;
    writeFileSync(pidFile(state.name, name), `${record.process.pid}\n`);
    saveState(state);
  }
  const version = await waitUntilReady(state, name);
  if (record && version && name !== 'mongodb') record.version = version;
  say(running ? 'runs already' : `ready (${((Date.now() - began) / 1000).toFixed(1)} s)`);
}

/** Stops one native server gently, then by force; a process that this stack did not start is never touched. */
export async function stopNative(
  state: StackState,
  name: ServerName,
  say: (line: string) => void,
): Promise<void> {
  const record = state.servers[name];
  if (!record?.process) return;
  const { graceMs } = nativeServers[name];
  const how = await terminate(record.process, graceMs);
  if (how === 'killed') say(`did not stop within ${graceMs / 1000} s and was killed`);
  else say(how === 'gone' ? 'was not running any more' : 'stopped');
  delete record.process;
  rmSync(pidFile(state.name, name), { force: true });
  saveState(state);
}
