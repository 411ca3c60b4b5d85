// Builds the named apps when their bundle is missing or older than any source file that could be in it.
// CommonJS, so that plain node, tsx and Jest can all load it.
const { spawnSync } = process.getBuiltinModule('node:child_process');
const { existsSync, readdirSync, statSync } = process.getBuiltinModule('node:fs');
const { join } = process.getBuiltinModule('node:path');

const workspaceRoot = join(__dirname, '../../..');

function newestSource(folder) {
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true }))
    if (entry.isFile())
      newest = Math.max(newest, statSync(join(entry.parentPath ?? entry.path, entry.name)).mtimeMs);
  return newest;
}

/** Pages are built by Vite, from one library alone. */
const isPages = (app) => existsSync(join(workspaceRoot, 'apps', app, 'vite.config.mjs'));

function isStale(app) {
  const built = join(workspaceRoot, 'dist/apps', app, isPages(app) ? 'index.html' : 'main.js');
  const sources = [
    join(workspaceRoot, isPages(app) ? 'libs/console-api' : 'libs'),
    join(workspaceRoot, 'apps', app),
  ];
  const builtAt = statSync(built, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return builtAt < Math.max(...sources.map(newestSource));
}

const builderOf = (app) =>
  isPages(app) ? ['node_modules/vite/bin/vite.js', 'build'] : ['tools/build/build.mjs'];

/** The bundle of `app` (the path of its main.js). */
exports.bundleOf = (app) => join(workspaceRoot, 'dist/apps', app, 'main.js');

/** The console serves the pages of the app beside it. */
const withPages = (apps) =>
  apps.includes('console') && isPages('console-web') ? [...apps, 'console-web'] : apps;

/** Builds what is stale of `apps`; throws one sentence with the compiler's output when a build fails. */
exports.ensureBuilt = (apps) => {
  for (const app of withPages(apps).filter(isStale)) {
    const { status, stderr } = spawnSync(process.execPath, [...builderOf(app), `apps/${app}`], {
      cwd: workspaceRoot,
      encoding: 'utf8',
      // Vite would make larger pages for Jest's "test", beyond their budget.
      env: { ...process.env, NODE_ENV: 'production' },
    });
    if (status !== 0) throw new Error(`Building apps/${app} failed: ${stderr}`);
  }
};
