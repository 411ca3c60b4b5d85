// Prints what the browser loads, compressed, and fails a build whose first view is too large or holds what it must not.
import { gzipSync } from 'node:zlib';

const kilobytes = (bytes) => (bytes / 1_000).toFixed(1);

/** All chunks that the browser loads for `entry` before it shows anything. */
function staticImports(entry, bundle, found = new Set()) {
  if (found.has(entry.fileName)) return found;
  found.add(entry.fileName);
  for (const name of entry.imports) if (bundle[name]) staticImports(bundle[name], bundle, found);
  return found;
}

/** A Vite plugin; `firstViewKilobytes`: of JavaScript after gzip; `unwanted`: paths of modules that must stay out. */
export const bundleBudget = ({ firstViewKilobytes, unwanted }) => ({
  name: 'bundle-budget',
  apply: 'build',
  generateBundle(_options, bundle) {
    const chunks = Object.values(bundle).filter(({ type }) => type === 'chunk');
    const first = new Set(
      chunks.filter(({ isEntry }) => isEntry).flatMap((entry) => [...staticImports(entry, bundle)]),
    );
    let total = 0;
    for (const file of Object.values(bundle)) {
      const size = gzipSync(file.type === 'chunk' ? file.code : file.source).length;
      if (first.has(file.fileName)) total += size;
      const when = first.has(file.fileName) ? 'first view' : '';
      process.stdout.write(`${file.fileName.padEnd(48)} ${kilobytes(size).padStart(7)} kB gzip  ${when}\n`);
    }
    process.stdout.write(`JavaScript of the first view: ${kilobytes(total)} kB gzip\n`);
    const bad = chunks.flatMap(({ moduleIds }) => moduleIds).find((id) => unwanted.test(id));
    if (bad) this.error(`${bad} is in the bundle; import types of that library only`);
    if (total > firstViewKilobytes * 1_000)
      this.error(
        `The first view loads ${kilobytes(total)} kB of JavaScript, more than ${firstViewKilobytes}: load rare parts with import()`,
      );
  },
});
