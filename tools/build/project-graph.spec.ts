import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(__dirname, '../..');

/** By it Nx knows which bundles a change makes stale, and lint finds circles of imports. */
describe('the graph of projects', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-graph-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('has an edge for what a project imports', () => {
    const file = join(folder, 'graph.json');
    execFileSync(join(root, 'node_modules/.bin/nx'), ['graph', `--file=${file}`], {
      ...{ cwd: root, stdio: 'pipe' },
      env: { ...process.env, NX_DAEMON: 'false' },
    });
    const { dependencies } = (
      JSON.parse(readFileSync(file, 'utf8')) as {
        graph: { dependencies: Readonly<Record<string, readonly { readonly target: string }[]>> };
      }
    ).graph;
    const of = (project: string) => dependencies[project]!.map(({ target }) => target);
    expect(of('bulk-worker')).toContain('bulk');
    expect(of('bulk')).toContain('snapshot');
  });
});
