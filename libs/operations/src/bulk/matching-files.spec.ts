import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { matchingFiles } from './matching-files';

describe('the files that a path means', () => {
  const folder = mkdtempSync(join(tmpdir(), 'files-'));
  beforeAll(() => {
    for (const name of ['b-2.gz', 'b-10.gz', 'a.gz', 'b.txt']) writeFileSync(join(folder, name), '');
    mkdirSync(join(folder, 'b-folder.gz'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const named = (pattern: string) =>
    matchingFiles(join(folder, pattern)).map((path) => path.slice(folder.length + 1));

  it('are in the order of their names, without folders', () => {
    expect(named('b-*.gz')).toEqual(['b-10.gz', 'b-2.gz']);
    expect(named('a.gz')).toEqual(['a.gz']);
  });

  it.each([
    ['none-*.gz', /^No file is there of the name .*none-\*\.gz\.$/],
    ['none/*.gz', /^The folder of .* cannot be read \(ENOENT\)\.$/],
    ['*/x.gz', /only the name of the files may have \*/],
  ])('refuses %s', (pattern, sentence) => {
    expect(() => named(pattern)).toThrow(sentence);
  });
});
