import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** A signal arrives and waits for the event loop, as it may during a start, while what is to be done changes. */
const program = `
  import { Termination } from ${JSON.stringify(join(__dirname, 'termination.ts'))};
  const asked = [];
  const termination = new Termination(() => asked.push('at once'));
  setTimeout(() => {
    process.kill(process.pid, 'SIGTERM');
    for (const end = performance.now() + 20; performance.now() < end;);
    termination.do((signal) => asked.push('drained on ' + signal));
    setTimeout(() => { process.stdout.write(asked.join()); process.exit(0); }, 50);
  }, 10);
`;

describe('Termination', () => {
  it('hears a signal that comes while what is to be done changes', () => {
    const args = ['--import', 'tsx', '--input-type=module', '-e', program];
    // In a process of its own, since Jest gives specs a process object that hears no signal.
    expect(spawnSync(process.execPath, args, { encoding: 'utf8' })).toMatchObject({
      status: 0,
      stdout: 'drained on SIGTERM',
    });
  });
});
