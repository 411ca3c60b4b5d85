// Bundles one app: workspace libs in, node_modules out, one ESM file dist/apps/<app>/main.js.
// swc transforms the TypeScript because esbuild emits no decorator metadata, which Nest's injection needs.
// Beside it goes a package.json with exactly the packages that the bundle imports, for the container image.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { transform } from '@swc/core';
import esbuild from 'esbuild';

const [root, ...flags] = process.argv.slice(2);
const serve = flags.includes('--serve');
const outDir = join('dist', root);
// A running service or command reads its bundle's neighbours until it ends: files are replaced whole, never removed.
const draftDir = serve ? outDir : `${outDir}.${process.pid}`;
const outFile = join(draftDir, 'main.js');
const workspace = JSON.parse(readFileSync('package.json', 'utf8'));

const swcPlugin = {
  name: 'swc',
  setup(build) {
    build.onLoad({ filter: /\.ts$/, namespace: 'file' }, async ({ path }) => {
      const { code } = await transform(await readFile(path, 'utf8'), {
        filename: path,
        swcrc: false,
        sourceMaps: 'inline',
        jsc: {
          target: 'es2022',
          keepClassNames: true,
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
        },
        module: { type: 'es6' },
      });
      return { contents: code, loader: 'js' };
    });
  },
};

/** The packages that the bundle imports; Nest loads its HTTP platform and TypeORM its driver by name at run time. */
function dependenciesOf(metafile) {
  const names = new Set(['reflect-metadata', '@nestjs/platform-express']);
  for (const output of Object.values(metafile.outputs))
    for (const { path, external } of output.imports)
      if (external && !path.startsWith('node:'))
        names.add(
          path
            .split('/')
            .slice(0, path.startsWith('@') ? 2 : 1)
            .join('/'),
        );
  if (names.has('@nestjs/typeorm')) names.add('typeorm');
  if (names.has('typeorm')) names.add('mysql2');
  if (names.has('@nestjs/mongoose')) names.add('mongoose');
  return Object.fromEntries(
    [...names]
      .filter((name) => workspace.dependencies[name])
      .sort()
      .map((name) => [name, workspace.dependencies[name]]),
  );
}

const manifestPlugin = {
  name: 'manifest',
  setup(build) {
    build.onEnd(async ({ errors, metafile }) => {
      if (errors.length) return;
      await mkdir(draftDir, { recursive: true });
      const manifest = {
        name: `@tributary/${basename(root)}`,
        version: workspace.version,
        private: true,
        type: 'module',
        dependencies: dependenciesOf(metafile),
        overrides: { typeorm: { ioredis: workspace.dependencies.ioredis } },
      };
      await writeFile(join(draftDir, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    });
  },
};

let child;
const restartPlugin = {
  name: 'restart',
  setup(build) {
    build.onEnd(async ({ errors }) => {
      if (errors.length) return;
      if (child && child.exitCode === null) {
        const exited = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGTERM');
        await exited;
      }
      child = spawn(process.execPath, ['--enable-source-maps', outFile], { stdio: 'inherit' });
    });
  },
};

const options = {
  entryPoints: [join(root, 'src/main.ts')],
  outfile: outFile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  packages: 'external',
  sourcemap: true,
  keepNames: true,
  metafile: true,
  tsconfig: 'tsconfig.base.json',
  define: { TRIBUTARY_VERSION: JSON.stringify(workspace.version) },
  logLevel: 'warning',
  plugins: [swcPlugin, manifestPlugin, ...(serve ? [restartPlugin] : [])],
};

if (serve) {
  const context = await esbuild.context(options);
  await context.watch();
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.on(signal, async () => {
      child?.kill(signal);
      await context.dispose();
      process.exit(0);
    });
} else {
  try {
    await esbuild.build(options);
    await mkdir(outDir, { recursive: true });
    for (const file of await readdir(draftDir)) await rename(join(draftDir, file), join(outDir, file));
  } finally {
    await rm(draftDir, { recursive: true, force: true });
  }
}
