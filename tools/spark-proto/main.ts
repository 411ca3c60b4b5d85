import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

/**
 * `npm run spark-proto`: makes libs/spark/src/proto anew from the .proto files in the jar of Spark's Connect server. To
 * be run when SPARK_VERSION changes; the compiler is fetched for it and is no part of the workspace.
 */
const compiler = '@bufbuild/buf@1.75.0';
/** Of the version of @bufbuild/protobuf in package.json. */
const generator = (release: string) => `@bufbuild/protoc-gen-es@${release}`;

const root = join(import.meta.dirname, '../..');
const target = join(root, 'libs/spark/src/proto');
const text = (path: string) => readFileSync(join(root, path), 'utf8');
// Read, not imported: the library cannot be loaded without what is made here.
const [, version] = /SPARK_VERSION = '(.+)'/.exec(text('libs/spark/src/server/artifacts.ts'))!;
const draft = mkdtempSync(join(tmpdir(), 'tributary-proto-'));
try {
  const unpack = [
    ...['-B', '-q', 'dependency:unpack', `-Dartifact=org.apache.spark:spark-connect_2.13:${version}`],
    ...[
      '-DoutputDirectory=.',
      '-Dmdep.unpack.includes=spark/connect/*.proto,META-INF/LICENSE,META-INF/NOTICE',
    ],
    '-Dmdep.unpack.excludes=**/example_plugins.proto',
  ];
  await execa('mvn', unpack, { cwd: draft, stdio: 'inherit' });
  const { dependencies } = JSON.parse(text('package.json')) as { dependencies: Record<string, string> };
  const plugin = { local: 'protoc-gen-es', out: 'made', opt: ['target=ts', 'import_extension=none'] };
  const template = { version: 'v2', inputs: [{ directory: '.' }], plugins: [plugin] };
  writeFileSync(join(draft, 'buf.yaml'), 'version: v2\n');
  const packages = ['-p', compiler, '-p', generator(dependencies['@bufbuild/protobuf']!)];
  const generate = ['buf', 'generate', '--template', JSON.stringify(template)];
  await execa('npx', ['--yes', ...packages, ...generate], { cwd: draft, stdio: 'inherit' });
  rmSync(join(target, 'spark'), { recursive: true, force: true });
  cpSync(join(draft, 'made/spark'), join(target, 'spark'), { recursive: true });
  for (const name of ['LICENSE', 'NOTICE']) cpSync(join(draft, 'META-INF', name), join(target, name));
} finally {
  rmSync(draft, { recursive: true, force: true });
}
