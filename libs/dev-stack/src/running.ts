import { stackEnvOf, type StackEnv } from './addresses';
import { dockerRunning } from './docker';
import { isAlive } from './process-id';
import { loadState, wantedServers, type ServerName, type StackState } from './state';

const withName = (command: string, name: string) =>
  `npm run stack -- ${command}${name === 'dev' ? '' : ` --name ${name}`}`;

/** The servers of a stack whose process runs (an external one counts as running). */
export async function runningServers(state: StackState): Promise<ServerName[]> {
  const names = Object.keys(state.servers) as ServerName[];
  const external = names.filter((name) => state.servers[name]?.external);
  const alive = names.filter((name) => isAlive(state.servers[name]?.process));
  return [...external, ...alive, ...(state.provider === 'docker' ? await dockerRunning(state) : [])];
}

/** Addresses of a stack that is up; throws one sentence when it is not, or not wholly. */
export async function readStackEnv(name: string): Promise<StackEnv> {
  const state = loadState(name);
  const running = state ? await runningServers(state) : [];
  const start = `start it with: ${withName('up', name)}`;
  if (!state || !running.length) throw new Error(`The stack "${name}" is not up; ${start}`);
  const missing = wantedServers(state).filter((server) => !running.includes(server));
  if (missing.length)
    throw new Error(`In the stack "${name}" ${missing.join(' and ')} is not running; ${start}`);
  return stackEnvOf(state, state.choice !== 'mariadb' && running.includes('mariadb'));
}
