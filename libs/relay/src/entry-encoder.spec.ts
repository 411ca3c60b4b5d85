import { transient } from '@tributary/kernel';
import { EntryEncoder, type EncoderDeps } from './entry-encoder';

describe('EntryEncoder', () => {
  it('R13: a look at the tables that fails at once, as over a closed connection, fails the batch and not the process', async () => {
    const closed = transient('MYSQL', 'MySQL: the connection is closed.');
    const check = Promise.reject(closed);
    const handled = jest.spyOn(check, 'then');
    const guard = { check: () => check } as unknown as EncoderDeps['guard'];
    const first = new EntryEncoder({ guard } as EncoderDeps).parts([]).next();
    // Node ends a process for a rejection that nobody handles in the turn in which it came.
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    expect(handled).toHaveBeenCalled();
    await expect(first).rejects.toBe(closed);
  });
});
