// Packs the command line into dist/tributary-<version>.tgz, which runs by `npx ./tributary-<version>.tgz` on any machine
// with Node.js: the bundle without its source maps, and a package.json with what it imports, in the versions that are
// installed and tested here. An argument is the folder that the file goes to.
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { installed } from './packages.mjs';

const [folder = 'dist'] = process.argv.slice(2);
const node = (...args) => execFileSync(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });

mkdirSync('dist', { recursive: true });
const stage = mkdtempSync(join('dist', 'pack-'));
try {
  node('tools/build/build.mjs', 'apps/cli', `--out=${stage}`);
  for (const map of readdirSync(stage).filter((file) => file.endsWith('.map'))) rmSync(join(stage, map));
  for (const file of ['README.md', 'LICENSE']) copyFileSync(file, join(stage, file));
  writeFileSync(join(stage, 'tributary.mjs'), "#!/usr/bin/env node\nawait import('./main.js');\n", {
    mode: 0o755,
  });

  const workspace = JSON.parse(readFileSync('package.json', 'utf8'));
  const { dependencies } = JSON.parse(readFileSync(join(stage, 'package.json'), 'utf8'));
  const { name, version, description, license, type, engines } = workspace;
  const manifest = {
    ...{ name, version, description, license, private: true, type, engines },
    bin: { tributary: 'tributary.mjs' },
    dependencies: Object.fromEntries(Object.keys(dependencies).map((each) => [each, installed(each)])),
  };
  writeFileSync(join(stage, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);

  mkdirSync(folder, { recursive: true });
  const args = ['pack', '--silent', '--ignore-scripts', '--pack-destination', resolve(folder)];
  const packed = execFileSync('npm', args, { cwd: stage, encoding: 'utf8' });
  process.stdout.write(`${resolve(folder, packed.trim())}\n`);
} finally {
  rmSync(stage, { recursive: true, force: true });
}
