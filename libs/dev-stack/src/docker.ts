import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { attempt, run } from './install/tools';
import { repositoryRoot } from './paths';
import type { ServerName, StackState } from './state';

/** True when a Docker engine (not only its client) answers, with the compose plug-in. */
export async function dockerAnswers(): Promise<boolean> {
  if (!existsSync(join(repositoryRoot, 'docker-compose.yml'))) return false;
  const engine = await attempt('docker', ['info', '--format', '{{.ServerVersion}}'], { minutes: 0.2 });
  return engine.ok && (await attempt('docker', ['compose', 'version'], { minutes: 0.2 })).ok;
}

function compose(state: StackState, args: readonly string[], minutes = 15): Promise<string> {
  const env: Record<string, string> = {
    COMPOSE_PROFILES: state.servers.mariadb ? 'mariadb' : '',
    MYSQL_ROOT_PASSWORD: state.passwords.admin,
    TRIBUTARY_RELAY_PASSWORD: state.passwords.relay,
    TRIBUTARY_APP_PASSWORD: state.passwords.app,
  };
  for (const [name, { port }] of Object.entries(state.servers))
    env[`${name.toUpperCase()}_PORT`] = String(port);
  const project = ['compose', '-p', `tributary-${state.name}`];
  return run('docker compose', 'docker', [...project, ...args], { cwd: repositoryRoot, env, minutes });
}

/** Starts containers and waits for their health checks. */
export const dockerUp = (state: StackState, servers: readonly ServerName[]) =>
  compose(state, ['up', '-d', '--wait', ...servers]);

/** Removes the containers; their volumes stay unless `data` is set. */
export const dockerDown = (state: StackState, data: boolean) =>
  compose(state, ['down', ...(data ? ['--volumes'] : [])]);

/** `signal` a container of the stack, or start it again. */
export const dockerSignal = (state: StackState, server: ServerName, signal: NodeJS.Signals) =>
  compose(state, ['kill', '-s', signal, server]);

/** The servers whose containers run. */
export async function dockerRunning(state: StackState): Promise<ServerName[]> {
  const text = await compose(state, ['ps', '--status', 'running', '--services'], 1);
  return text.split('\n').filter(Boolean) as ServerName[];
}
