import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const root = join(__dirname, '../..');
/** What is made or installed, not written. */
const notOurs = new Set(['node_modules', 'dist', 'coverage', '.git', '.nx', '.tributary']);

function filesUnder(folder: string, ending: RegExp): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (notOurs.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesUnder(path, ending) : ending.test(entry.name) ? [path] : [];
  });
}

const pages = filesUnder(root, /\.md$/);
const written = (page: string) => readFileSync(page, 'utf8').replace(/^```[^]*?^```/gm, '');

/** The anchors of a page's headings, as GitHub makes them; a heading that comes again gets a number. */
function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading] of written(page).matchAll(/^#+ +(.+)$/gm)) {
    const text = heading!.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = text.replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '').replaceAll(' ', '-');
    let anchor = slug;
    for (let again = 1; anchors.has(anchor); again += 1) anchor = `${slug}-${again}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** Why a link of a page leads nowhere; `undefined`: it leads somewhere, or out of the repository. */
function faultOf(page: string, link: string): string | undefined {
  if (/^[a-z]+:/.test(link)) return undefined;
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : join(dirname(page), decodeURIComponent(path));
  if (!existsSync(target)) return 'no such file';
  if (anchor === undefined) return undefined;
  return target.endsWith('.md') && anchorsOf(target).has(anchor) ? undefined : 'no such heading';
}

describe('links in Markdown', () => {
  it.each(pages.map((page) => relative(root, page)))('of %s lead to files and headings', (name) => {
    const page = join(root, name);
    const links = [...written(page).matchAll(/\]\(<?([^)>\s]+)>?[^)]*\)/g)].map(([, link]) => link!);
    const faults = links.flatMap((link) => {
      const fault = faultOf(page, link);
      return fault === undefined ? [] : [`${link}: ${fault}`];
    });
    expect(faults).toEqual([]);
  });

  it('in code: every page of docs/ that a comment or a message names is there', () => {
    const sources = ['apps', 'libs', 'tools', 'e2e', 'deploy', 'sql'].flatMap((folder) =>
      filesUnder(join(root, folder), /\.(ts|mjs|sh|sql|yml)$|^Dockerfile$/),
    );
    const missing = sources.flatMap((source) =>
      [...readFileSync(source, 'utf8').matchAll(/\bdocs\/[\w/-]+\.md\b/g)]
        .filter(([name]) => !existsSync(join(root, name)))
        .map(([name]) => `${relative(root, source)}: ${name}`),
    );
    expect(missing).toEqual([]);
  });
});
