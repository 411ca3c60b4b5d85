import { rmSync } from 'node:fs';
import { applyAccounts } from './accounts';
import { stackEnvOf, type StackEnv } from './addresses';
import { ensureCertificates } from './certificates';
import { ensureDisk, removeDisks } from './disk';
import { dockerAnswers, dockerDown, dockerUp } from './docker';
import { externalMongo } from './external-mongo';
import { stackFolder } from './paths';
import { pickPort } from './ports';
import { probe, requireAnswer } from './probes';
import { sayFor, sayOnTerminal, type Say } from './progress';
import { runningServers } from './running';
import { preferredMongo } from './servers/mongodb';
import {
  loadState,
  newState,
  runsNatively,
  saveState,
  wantedServers,
  withStackLock,
  type MongoKind,
  type MysqlChoice,
  type Provider,
  type ServerName,
  type StackState,
} from './state';
import { startNative, stopNative } from './supervise';

export interface StackOptions {
  /** Which stack; each has ports and data of its own. Default `dev`. */
  readonly name?: string;
  /** Default: what the stack had last; MySQL for a new one. */
  readonly mysql?: MysqlChoice;
  /** Default: Docker where an engine answers, else native; a stack keeps what it began with. */
  readonly provider?: Provider;
  readonly mongo?: 'auto' | MongoKind;
  /** A Connect server of Spark beside the others. Default: as the stack had it last; a new one has none. */
  readonly spark?: boolean;
  /**
   * True: the MongoDB stand-in acknowledges writes before they are safe from a kill, which makes secantus-rs three
   * times faster, and the JVMs of Kafka and Spark compile for a long run instead of a quick start. Default false.
   */
  readonly forBenchmark?: boolean;
  /** Every server asks for TLS and a login, with certificates made for this stack; only for a new one. */
  readonly secure?: boolean;
  /** For fault tests: a disk for each server that can be filled; only for a new native stack, see `canMakeDisks`. */
  readonly disks?: boolean;
  /** Receives progress lines. Default: standard error. */
  readonly say?: Say;
}

async function chooseProvider(
  wanted: Provider | undefined,
  known: StackState | undefined,
): Promise<Provider> {
  if (wanted && known && wanted !== known.provider && (await runningServers(known)).length)
    throw new Error(
      `The stack "${known.name}" runs with the provider ${known.provider}; stop it with "npm run stack -- down --name ${known.name}" first.`,
    );
  return wanted ?? known?.provider ?? ((await dockerAnswers()) ? 'docker' : 'native');
}

async function chooseMongo(state: StackState, options: StackOptions, say: Say): Promise<void> {
  const { mongo: wanted = state.secure ? 'secantus-py' : 'auto', forBenchmark = false } = options;
  const known = state.servers.mongodb;
  const external = wanted === 'auto' ? externalMongo() : undefined;
  const kind = wanted === 'auto' ? (known?.kind ?? preferredMongo()) : wanted;
  // Asked before anything changes: a wrong variable must leave the stack as it was.
  if (external) await requireAnswer(external);
  if (
    known &&
    (known.external !== external ||
      (!external && (known.kind !== kind || (known.unsynced ?? false) !== forBenchmark)))
  )
    await stopNative(state, 'mongodb', sayFor(say, 'mongodb'));
  const record = (state.servers.mongodb ??= { port: await pickPort() });
  if (external) record.external = external;
  else {
    delete record.external;
    record.kind = kind;
    record.unsynced = forBenchmark;
  }
}

async function startWithAccounts(state: StackState, server: ServerName, say: Say): Promise<void> {
  // A disk that was gone, as after a restart of the machine, has taken the accounts with it.
  const record = state.servers[server];
  if (state.disks && !record?.external && ensureDisk(state.name, server)) delete record?.accounts;
  if (runsNatively(state, server)) await startNative(state, server, say);
  if ((server === 'mysql' || server === 'mariadb') && (await applyAccounts(state, server))) {
    saveState(state);
    say('accounts created');
  }
}

async function upDocker(state: StackState, servers: readonly ServerName[], say: Say): Promise<void> {
  const own = servers.filter((server) => !state.servers[server]?.external && !runsNatively(state, server));
  for (const server of own) state.servers[server] ??= { port: await pickPort() };
  saveState(state);
  say(`  starting containers: ${own.join(', ')} (images are pulled the first time)`);
  await dockerUp(state, own);
  for (const server of servers.filter((one) => !runsNatively(state, one))) {
    const version = await probe(state, server);
    const record = state.servers[server];
    if (record && version) record.version = version;
  }
}

/** Brings a stack up, all servers at once, and returns its addresses when every server answered a real query. */
export async function ensureStack(options: StackOptions = {}): Promise<StackEnv> {
  const { name = 'dev', mysql, say = sayOnTerminal } = options;
  stackFolder(name);
  return withStackLock(
    name,
    async () => {
      const began = Date.now();
      const known = loadState(name);
      if (options.secure && known && !known.secure)
        throw new Error(
          `The stack "${name}" has data without TLS and logins; choose another name, or remove it with: npm run stack -- reset --name ${name}`,
        );
      const secure = known?.secure ?? options.secure ?? false;
      const provider = await chooseProvider(options.provider ?? (secure ? 'native' : undefined), known);
      if (secure && provider === 'docker')
        throw new Error('A secure stack runs as native processes only: leave out --provider docker.');
      const state =
        known ?? newState(name, provider, { secure, disks: options.disks && provider === 'native' });
      if (secure) ensureCertificates(name);
      state.provider = provider;
      state.choice = mysql ?? state.choice;
      if (options.spark === false) await stopNative(state, 'spark', sayFor(say, 'spark'));
      state.spark = options.spark ?? state.spark ?? false;
      const servers = wantedServers(state);
      say(`stack "${name}" (${provider}): ${servers.join(', ')}`);
      if (provider === 'native') await chooseMongo(state, options, say);
      // Picked one after another: two that pick at the same time could get the same port.
      for (const server of servers) state.servers[server] ??= { port: await pickPort() };
      for (const server of servers)
        if (server === 'kafka' || server === 'spark')
          state.servers[server]!.longRunning = options.forBenchmark ?? false;
      saveState(state);
      if (provider === 'docker') await upDocker(state, servers, say);
      const results = await Promise.allSettled(
        servers.map((server) => startWithAccounts(state, server, sayFor(say, server))),
      );
      saveState(state);
      const failures = results
        .filter((result) => result.status === 'rejected')
        .map(({ reason }) => reason as Error);
      if (failures.length)
        throw new Error(failures.map(({ message }) => message).join('\n'), { cause: failures[0] });
      const running = await runningServers(state);
      say(`stack "${name}" is up (${((Date.now() - began) / 1000).toFixed(1)} s)`);
      return stackEnvOf(state, state.choice !== 'mariadb' && running.includes('mariadb'));
    },
    say,
  );
}

async function stopAll(state: StackState, data: boolean, say: Say): Promise<void> {
  if (state.provider === 'docker') await dockerDown(state, data);
  const names = Object.keys(state.servers) as ServerName[];
  await Promise.all(names.map((server) => stopNative(state, server, sayFor(say, server))));
}

/** Stops the servers of a stack; ports and data stay. */
export async function stopStack(name = 'dev', say: Say = sayOnTerminal): Promise<void> {
  await withStackLock(
    name,
    async () => {
      const state = loadState(name);
      if (state) await stopAll(state, false, say);
      say(`stack "${name}" is down`);
    },
    say,
  );
}

/** Stops the servers of a stack and removes all it stored. Installed programs stay in the cache. */
export async function resetStack(name = 'dev', say: Say = sayOnTerminal): Promise<void> {
  await withStackLock(
    name,
    async () => {
      const state = loadState(name);
      if (state) await stopAll(state, true, say);
      removeDisks(name);
      rmSync(stackFolder(name), { recursive: true, force: true });
      say(`stack "${name}" is removed`);
    },
    say,
  );
}
