import Table from 'cli-table3';
import { probe } from './probes';
import { runningServers } from './running';
import { labels } from './servers';
import { loadState, serverNames, type ServerName } from './state';

export interface ServerStatus {
  readonly server: ServerName;
  readonly version: string;
  readonly port: number | null;
  readonly pid: number | null;
  /** `died`: it was started and is gone without `down`; `silent`: its process runs but answers no query. */
  readonly state: 'running' | 'silent' | 'died' | 'stopped';
}

/** What runs of a stack right now; each running server is asked a real query. */
export async function stackStatus(name: string): Promise<ServerStatus[]> {
  const state = loadState(name);
  if (!state) return [];
  const running = await runningServers(state);
  const known = serverNames.filter((server) => state.servers[server]);
  return Promise.all(
    known.map(async (server): Promise<ServerStatus> => {
      const { external, port, process, version = '' } = state.servers[server] ?? { port: 0 };
      const alive = running.includes(server);
      const answers =
        alive &&
        (await probe(state, server).then(
          () => true,
          () => false,
        ));
      return {
        server,
        version: external ? `${version} (MONGODB_URI)` : version,
        port: external ? null : port,
        pid: alive ? (process?.pid ?? null) : null,
        state: answers ? 'running' : alive ? 'silent' : process ? 'died' : 'stopped',
      };
    }),
  );
}

export function statusTable(rows: readonly ServerStatus[]): string {
  const table = new Table({
    head: ['server', 'version', 'port', 'pid', 'state'],
    style: { head: [], border: [] },
  });
  for (const row of rows)
    table.push([labels[row.server], row.version, row.port ?? '-', row.pid ?? '-', row.state]);
  return table.toString();
}
