// Bundles one app into the ESM file dist/apps/<app>/main.js (--out=<folder>: elsewhere); packages.mjs says what of node_modules goes in.
// The command line is cut into chunks, so that a command loads what it needs and no more.
// swc transforms the TypeScript because esbuild emits no decorator metadata, which Nest's injection needs.
// Beside it goes a package.json with exactly the packages that the bundle imports, for the container image.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { transform } from '@swc/core';
import esbuild from 'esbuild';
import { directImports } from './direct-imports.mjs';
import { dependenciesOf, effective, overridesOf, packagesPlugin } from './packages.mjs';

const [root, ...flags] = process.argv.slice(2);
const serve = flags.includes('--serve');
const outDir = flags.find((flag) => flag.startsWith('--out='))?.slice('--out='.length) ?? join('dist', root);
// A running service or command reads its bundle's neighbours: files are replaced whole, and chunks stay for an hour.
const splitting = basename(root) === 'cli';
const draftDir = serve ? outDir : `${outDir}.${process.pid}`;
const outFile = join(draftDir, 'main.js');
const CHUNK_MS = 3_600_000;
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
      return { contents: splitting ? directImports(code, effective) : code, loader: 'js' };
    });
  },
};

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
        dependencies: dependenciesOf(metafile, workspace.dependencies),
        overrides: overridesOf(workspace),
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
  outdir: draftDir,
  splitting,
  chunkNames: '[name]-[hash]',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: true,
  keepNames: true,
  metafile: true,
  tsconfig: 'tsconfig.base.json',
  define: { TRIBUTARY_VERSION: JSON.stringify(workspace.version) },
  logLevel: 'warning',
  plugins: [packagesPlugin, swcPlugin, manifestPlugin, ...(serve ? [restartPlugin] : [])],
};

if (serve) {
  const context = await esbuild.context(options);
  await context.watch();
  const end = async (signal) => {
    child?.kill(signal);
    await context.dispose();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void end(signal));
} else {
  try {
    await esbuild.build(options);
    await mkdir(outDir, { recursive: true });
    // The entry last: it names the others.
    const files = (await readdir(draftDir)).sort((a, b) => +(a === 'main.js') - +(b === 'main.js'));
    for (const file of files) await rename(join(draftDir, file), join(outDir, file));
    for (const file of await readdir(outDir))
      if (!files.includes(file) && Date.now() - (await stat(join(outDir, file))).mtimeMs > CHUNK_MS)
        await rm(join(outDir, file));
  } finally {
    await rm(draftDir, { recursive: true, force: true });
  }
}
