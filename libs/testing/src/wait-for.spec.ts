import { uniqueName } from './unique-name';
import { waitFor } from './wait-for';

describe('waitFor', () => {
  it('resolves with the first truthy value, past falsy ones and throws', async () => {
    let calls = 0;
    const value = await waitFor(
      () => {
        calls++;
        if (calls === 1) throw new Error('not there');
        return calls > 2 && 'here';
      },
      { everyMs: 1 },
    );
    expect([value, calls]).toEqual(['here', 3]);
  });

  it('says why the last try failed when time runs out', async () => {
    const failing = waitFor(() => Promise.reject(new Error('connection refused')), {
      timeoutMs: 20,
      everyMs: 5,
    });
    await expect(failing).rejects.toThrow(/within 20 ms\. The last try failed: connection refused/);
  });
});

describe('uniqueName', () => {
  it('gives another name each time, fit for a database', () => {
    const names = new Set(Array.from({ length: 1000 }, () => uniqueName('t')));
    expect(names.size).toBe(1000);
    expect([...names].every((name) => /^[a-z0-9_]{11,12}$/.test(name))).toBe(true);
  });
});
