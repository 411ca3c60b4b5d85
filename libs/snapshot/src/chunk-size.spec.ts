import { ChunkSize } from './chunk-size';

describe('chunk size', () => {
  it('moves towards the target time, at most by a factor of two', () => {
    const size = new ChunkSize(300);
    const start = size.rows;
    size.took(start, 3_000);
    expect(size.rows).toBe(start / 2);
    size.took(size.rows, 1);
    expect(size.rows).toBe(start);
    size.took(size.rows, 300);
    expect(size.rows).toBe(start);
  });

  it('is halved when what reads the topics is behind', () => {
    const size = new ChunkSize(300);
    const start = size.rows;
    size.fellBehind();
    expect(size.rows).toBe(start / 2);
  });

  it('stays within its bounds; an empty chunk can only narrow it', () => {
    const size = new ChunkSize(300);
    for (let at = 0; at < 20; at += 1) size.took(size.rows, 1);
    expect(size.rows).toBe(ChunkSize.MAX);
    size.took(0, 60_000);
    expect(size.rows).toBe(ChunkSize.MAX / 2);
    size.took(0, 1);
    expect(size.rows).toBe(ChunkSize.MAX / 2);
    for (let at = 0; at < 20; at += 1) size.took(size.rows, 60_000);
    expect(size.rows).toBe(ChunkSize.MIN);
  });
});
