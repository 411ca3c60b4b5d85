import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { identify, isAlive, signal, terminate } from './process-id';

function start(script: string) {
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  const id = identify(child.pid ?? 0);
  if (!id) throw new Error('the process did not start');
  return { child, id, ready: once(child.stdout, 'data') };
}

describe('processes told apart by pid and start time', () => {
  it('never signals a later process that got the same pid', async () => {
    const { id, ready } = start('console.log(1); setInterval(() => {}, 1000)');
    await ready;
    const earlier = { pid: id.pid, startedAt: '1' };
    expect(isAlive(earlier)).toBe(false);
    expect(signal(earlier, 'SIGKILL')).toBe(false);
    expect(await terminate(earlier, 100)).toBe('gone');
    expect(isAlive(id)).toBe(true);
    expect(await terminate(id, 5000)).toBe('stopped');
    expect(isAlive(id)).toBe(false);
  });

  it('kills what does not end in time', async () => {
    const { id, ready } = start(
      'process.on("SIGTERM", () => {}); console.log(1); setInterval(() => {}, 1000)',
    );
    await ready;
    expect(await terminate(id, 200)).toBe('killed');
    expect(isAlive(id)).toBe(false);
  });
});
