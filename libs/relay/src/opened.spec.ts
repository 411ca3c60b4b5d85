import { Opened } from './opened';

describe('what a term has opened', () => {
  it('ends the last first, also what stands behind a part that cannot end', async () => {
    const opened = new Opened();
    const ended: string[] = [];
    for (const name of ['first', 'broken', 'last'])
      opened.add(name, async (part) => {
        if (part === 'broken') throw new Error('gone');
        ended.push(part);
      });
    await opened.end();
    await opened.end();
    expect(ended).toEqual(['last', 'first']);
  });
});
