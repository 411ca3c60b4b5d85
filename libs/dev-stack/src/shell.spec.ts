import { spawnSync } from 'node:child_process';
import { shellLine } from './shell';

describe('shellLine', () => {
  it.each([
    'mysql://user:0a1b@127.0.0.1:3306',
    'mongodb://127.0.0.1:1/?directConnection=true&w=1',
    `it's $HOME; "quoted" \`id\` \\ *`,
    '',
  ])('gives sh exactly %s back', (value) => {
    const { stdout } = spawnSync('sh', ['-c', `${shellLine('KEY', value)}; printf %s "$KEY"`], {
      encoding: 'utf8',
    });
    expect(stdout).toBe(value);
  });

  it('leaves plain values unquoted, so that readers without a shell can split at the first =', () => {
    expect(shellLine('KAFKA_BROKERS', '127.0.0.1:1,127.0.0.1:2')).toBe(
      'KAFKA_BROKERS=127.0.0.1:1,127.0.0.1:2',
    );
  });
});
