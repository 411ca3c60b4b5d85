// Names the file behind each name that is imported from a library. esbuild puts whatever a library's index leads to, and
// any command uses, into every chunk that imports the index: a command would load what it does not need.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

const declared = /^export (?:abstract |async )*(?:const|let|class|function|enum)\*? (\w+)/gm;
const named = /^export \{([^}]*)\} from '((?:\.|@tributary\/)[^']+)';/gm;
const all = /^export \* from '(\.[^']+)';/gm;
const known = new Map();

const indexOf = (library) => resolve('libs', library, 'src/index.ts');

function fileOf(from, path) {
  const [, library] = /^@tributary\/([\w-]+)$/.exec(path) ?? [];
  const base = resolve(dirname(from), path);
  return library ? indexOf(library) : [`${base}.ts`, `${base}/index.ts`].find(existsSync);
}

/** Of each name that a file exports the file that declares it, and its name there. */
function exportsOf(file) {
  if (known.has(file)) return known.get(file);
  const found = new Map();
  known.set(file, found);
  const text = readFileSync(file, 'utf8');
  for (const [, name] of text.matchAll(declared)) found.set(name, { file, name });
  for (const [, names, path] of text.matchAll(named))
    for (const [name, as = name] of pairs(names)) {
      const place = exportsOf(fileOf(file, path)).get(name);
      if (place) found.set(as, place);
    }
  for (const [, path] of text.matchAll(all))
    for (const [name, place] of exportsOf(fileOf(file, path))) if (!found.has(name)) found.set(name, place);
  return found;
}

/** `a, b as c` as `[['a'], ['b', 'c']]`. */
const pairs = (names) =>
  names
    .split(',')
    .map((one) => one.trim().replace(/^type /, ''))
    .filter(Boolean)
    .map((one) => one.split(/\s+as\s+/));

/**
 * The code with each import of a library's index replaced by imports of the files behind it. What is imported in another
 * way, or from a library whose loading does something (`keep`), stays.
 */
export const directImports = (code, keep) =>
  code.replace(/^import \{([^}]*)\} from ['"]@tributary\/([\w-]+)['"];/gm, (whole, names, library) => {
    const index = indexOf(library);
    if (keep.test(index) || !existsSync(index)) return whole;
    const places = pairs(names).map(([name, as = name]) => ({ ...exportsOf(index).get(name), as }));
    if (places.some(({ file }) => file === undefined)) return whole;
    const direct = places.map(
      ({ file, name, as }) => `import { ${name} as ${as} } from ${JSON.stringify(file)};`,
    );
    // As many lines as before: the source map goes by lines.
    return direct.join(' ') + '\n'.repeat(whole.split('\n').length - 1);
  });
