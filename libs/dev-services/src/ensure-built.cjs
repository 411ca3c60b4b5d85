// Builds the named apps when their bundle is missing or older than any source file that could be in it.
// CommonJS, so that plain node, tsx and Jest can all load it.
const { spawnSync } = process.getBuiltinModule('node:child_process');
const { readdirSync, statSync } = process.getBuiltinModule('node:fs');
const { join } = process.getBuiltinModule('node:path');

const workspaceRoot = join(__dirname, '../../..');

function newestSource(folder) {
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true }))
    if (entry.isFile())
      newest = Math.max(newest, statSync(join(entry.parentPath ?? entry.path, entry.name)).mtimeMs);
  return newest;
}

function builtAt(app) {
  return statSync(join(workspaceRoot, 'dist/apps', app, 'main.js'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** The bundle of `app` (the path of its main.js). */
exports.bundleOf = (app) => join(workspaceRoot, 'dist/apps', app, 'main.js');

/** Builds what is stale of `apps`; throws one sentence with the compiler's output when a build fails. */
exports.ensureBuilt = (apps) => {
  const libs = newestSource(join(workspaceRoot, 'libs'));
  const stale = apps.filter(
    (app) => builtAt(app) < Math.max(libs, newestSource(join(workspaceRoot, 'apps', app))),
  );
  for (const app of stale) {
    const { status, stderr } = spawnSync(process.execPath, ['tools/build/build.mjs', `apps/${app}`], {
      cwd: workspaceRoot,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`Building apps/${app} failed: ${stderr}`);
  }
};
