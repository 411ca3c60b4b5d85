import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { repositoryRoot, fillDisk, freeDisk, startServer, stopServer } from '@tributary/dev-stack';
import type { Fleet } from './fleet';
import type { Network } from './network';
import { serverOf, type OwnStack } from './own-stack';
import type { Fault, LinkFault, Server, ServerFault, ServiceFault } from './schedule';
import { setBack } from './set-back';
import type { Topics } from './topics';

export interface InjectorDeps {
  readonly fleet: Fleet;
  readonly network: Network;
  readonly adminUrl: string;
  /** Environment of the command line. */
  readonly env: NodeJS.ProcessEnv;
  /** The stack whose servers may be killed; none: they belong to others too. */
  readonly stack: OwnStack | undefined;
  readonly topics: Pick<Topics, 'raisePartitions' | 'makeAnew'>;
  readonly say: (line: string) => void;
}

/** Brings about the faults of a schedule at their times; resolves when the last one has passed. */
export async function injectFaults(
  faults: readonly Fault[],
  deps: InjectorDeps,
  describe: (fault: Fault) => string,
): Promise<void> {
  const startedAt = Date.now();
  let servers = Promise.resolve();
  await Promise.all(
    faults.map(async (fault) => {
      await sleep(Math.max(0, startedAt + fault.atMs - Date.now()));
      if (!('server' in fault)) {
        deps.say(describe(fault));
        return inject(fault, deps);
      }
      // A server may need longer to start than was planned; a second fault must not freeze it meanwhile for ever.
      servers = servers.then(() => {
        deps.say(describe(fault));
        return fault.kind === 'set-back' ? setBack(deps.stack, fault.forMs) : disturbServer(fault, deps);
      });
      return servers;
    }),
  );
}

async function inject(fault: Exclude<Fault, { readonly server: Server }>, deps: InjectorDeps): Promise<void> {
  if ('link' in fault) return breakLink(fault, deps.network);
  if ('app' in fault) return disturbService(fault, deps.fleet);
  if (fault.kind === 'snapshot') return startSnapshot(fault.table, deps.env);
  if (fault.kind === 'raise-partitions') return deps.topics.raisePartitions();
  if (fault.kind === 'topics-anew') {
    await deps.topics.makeAnew();
    await sleep(fault.forMs);
    // What an operator is told to do: what was on them is brought again.
    return startSnapshot(undefined, deps.env);
  }
  return killConnections(deps.adminUrl);
}

async function breakLink(fault: LinkFault, network: Network): Promise<void> {
  const proxy = network.proxy(fault.link);
  switch (fault.kind) {
    case 'cut':
      return proxy.cut();
    case 'refuse':
      proxy.cut({ refuse: true });
      await sleep(fault.forMs);
      return proxy.accept();
    case 'delay':
      proxy.delay(fault.delayMs);
      await sleep(fault.forMs);
      return proxy.delay(0);
    case 'stall':
      proxy.stall();
      await sleep(fault.forMs);
      if (fault.then === 'cut') proxy.cut();
      return proxy.flow();
  }
}

async function disturbService(fault: ServiceFault, fleet: Fleet): Promise<void> {
  const { app, forMs } = fault;
  if (fault.kind === 'copy') {
    const record = await fleet.start(app);
    await sleep(forMs);
    return fault.end === 'kill' ? fleet.kill(record) : fleet.stop(record);
  }
  const record = fleet.pick(app, fault.which);
  // None: it ended by itself, and is about to be started again.
  if (!record) return;
  if (fault.kind === 'clock') {
    fleet.stepClock(record, fault.stepSeconds);
    await sleep(forMs);
    return fleet.stepClock(record, 0);
  }
  if (fault.kind === 'freeze') {
    await fleet.signal(record, 'SIGSTOP');
    await sleep(forMs);
    return fleet.signal(record, 'SIGCONT');
  }
  await (fault.kind === 'kill' ? fleet.kill(record) : fleet.stop(record));
  await sleep(forMs);
  await fleet.start(app);
}

async function disturbServer(fault: ServerFault, { stack }: InjectorDeps): Promise<void> {
  if (!stack) throw new Error('A schedule for servers that are shared must not touch them.');
  const server = serverOf(fault.server, stack);
  if (fault.kind === 'server-freeze') {
    await stopServer(stack.name, server, 'SIGSTOP');
    await sleep(fault.forMs);
    return stopServer(stack.name, server, 'SIGCONT');
  }
  if (fault.kind === 'full-disk') {
    fillDisk(stack.name, server);
    await sleep(fault.forMs);
    freeDisk(stack.name, server);
    // Its storage engine says that the process must end: a mongod does so itself, a stand-in stays and answers nothing.
    if (server === 'mongodb') await stopServer(stack.name, server, 'SIGKILL');
    // Some servers wait for space, others end themselves, perhaps just while it is looked whether they run.
    return startServer(stack.name, server).catch(() => startServer(stack.name, server));
  }
  await stopServer(stack.name, server, fault.kind === 'server-kill' ? 'SIGKILL' : 'SIGTERM');
  await sleep(fault.forMs);
  await startServer(stack.name, server);
}

/** Its outcome is not looked at: a load that could not be queued is no loss. */
async function startSnapshot(table: string | undefined, env: NodeJS.ProcessEnv): Promise<void> {
  const cli = join(repositoryRoot, 'dist/apps/cli/main.js');
  const child = spawn(process.execPath, [cli, 'snapshot', 'start', ...(table ? ['--table', table] : [])], {
    cwd: repositoryRoot,
    env,
    stdio: 'ignore',
  });
  await new Promise((resolve) => child.once('exit', resolve).once('error', resolve));
}

async function killConnections(adminUrl: string): Promise<void> {
  try {
    const admin = await createConnection(adminUrl);
    const [rows] = await admin.query<RowDataPacket[]>(
      `SELECT id FROM information_schema.processlist WHERE user = 'tributary_relay'`,
    );
    for (const row of rows)
      await admin.query(`KILL ${Number(row['id'] ?? row['ID'])}`).catch(() => undefined);
    await admin.end();
  } catch {
    // The server is down: its connections are gone as well.
  }
}
