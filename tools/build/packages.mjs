// What of the libraries and of node_modules an app loads. It pays at every start for each module, and a library's index
// names all of it; so what nothing uses is left out, and packages of hundreds of small files go into the bundle.
import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';

/** Modules whose loading does something beside what they export: `libs/schemas` registers its DTOs. */
export const effective = /\/libs\/schemas\/|^reflect-metadata$/;
/** Of the others many cannot be bundled: CommonJS with one object for all who import it, optional and native parts. */
const bundled = /^(@nestjs\/(?!websockets)|rxjs|zod)/;
const relative = /^(\.|\/|@tributary\/)/;
const inPackage = (path) => path.includes('/node_modules/');

/** Says of every import whether its module goes into the bundle, and whether it may be left out when unused. */
export const packagesPlugin = {
  name: 'packages',
  setup(build) {
    build.onResolve({ filter: /./ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
      if (kind === 'entry-point' || pluginData === 'resolved') return undefined;
      if (!relative.test(path) && !bundled.test(path))
        return { path, external: true, sideEffects: effective.test(path) || inPackage(importer) };
      if (inPackage(importer)) return undefined;
      const found = await build.resolve(path, { kind, importer, resolveDir, pluginData: 'resolved' });
      return { ...found, sideEffects: effective.test(found.path) };
    });
  },
};

const packageOf = (path) =>
  path
    .split('/')
    .slice(0, path.startsWith('@') ? 2 : 1)
    .join('/');

/** The version that is installed here: of a package that only a bundled one depends on, the workspace names none. */
export const installed = (name) =>
  JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version;

/**
 * What the app's own package.json must name: all that the bundle imports, also for the packages in it, and those
 * themselves. Nest loads its HTTP platform and TypeORM its driver by name at run time.
 */
export function dependenciesOf({ outputs }, versions) {
  const names = new Set(['reflect-metadata', '@nestjs/platform-express']);
  for (const { imports } of Object.values(outputs))
    for (const { path, external, kind } of imports)
      if (external && kind !== 'dynamic-import' && !isBuiltin(path)) names.add(packageOf(path));
  for (const path of Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs)))
    if (path.startsWith('node_modules/')) names.add(packageOf(path.slice('node_modules/'.length)));
  if (names.has('typeorm')) names.add('mysql2');
  if (names.has('@nestjs/mongoose')) names.add('mongoose');
  return Object.fromEntries([...names].sort().map((name) => [name, versions[name] ?? installed(name)]));
}

/**
 * The workspace's overrides, without which npm installs other versions than the lock file has. `$name` means a direct
 * dependency, which the bundle need not have, so its version is written out.
 */
export function overridesOf({ overrides, dependencies, devDependencies }) {
  const versions = { ...devDependencies, ...dependencies };
  return JSON.parse(JSON.stringify(overrides), (_, value) =>
    typeof value === 'string' && value.startsWith('$') ? versions[value.slice(1)] : value,
  );
}
