import { dockerSignal, dockerUp } from './docker';
import { signal as send, waitForEnd } from './process-id';
import { probe } from './probes';
import {
  loadState,
  runsNatively,
  saveState,
  serverNames,
  withStackLock,
  type ServerName,
  type StackState,
} from './state';
import { startNative, stopNative } from './supervise';

function owned(name: string, server: ServerName): StackState {
  const state = loadState(name);
  const record = state?.servers[server];
  if (!state || !record || record.external)
    throw new Error(`The stack "${name}" has no ${server} of its own; bring it up first.`);
  return state;
}

/** Which servers of a stack are its own, so that a fault test may disturb them. */
export function ownServers(name: string): ServerName[] {
  const servers = loadState(name)?.servers ?? {};
  return serverNames.filter((server) => servers[server] && !servers[server].external);
}

/**
 * For fault tests: sends one server of a stack a signal. SIGTERM waits for a gentle end, SIGKILL for the end;
 * other signals (SIGSTOP, SIGCONT) are sent and not waited for.
 */
export async function stopServer(
  name: string,
  server: ServerName,
  signal: NodeJS.Signals = 'SIGTERM',
): Promise<void> {
  await withStackLock(name, async () => {
    const state = owned(name, server);
    const id = state.servers[server]?.process;
    if (!runsNatively(state, server)) await dockerSignal(state, server, signal);
    else if (signal === 'SIGTERM') await stopNative(state, server, () => undefined);
    else if (id && send(id, signal) && signal === 'SIGKILL' && !(await waitForEnd(id, 10_000)))
      throw new Error(`${server} (pid ${id.pid}) did not end after SIGKILL.`);
  });
}

/** For fault tests: starts one server of a stack again, on its port and its data, and waits until it answers. */
export async function startServer(name: string, server: ServerName): Promise<void> {
  await withStackLock(name, async () => {
    const state = owned(name, server);
    if (!runsNatively(state, server)) await dockerUp(state, [server]).then(() => probe(state, server));
    else await startNative(state, server, () => undefined);
    saveState(state);
  });
}
