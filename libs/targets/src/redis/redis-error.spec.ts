import { isScriptFault } from './redis-error';

const old = (said: string) =>
  `ERR Error running script (call to f_6b1): @user_script:12: @user_script: 12: ${said}`;

describe('errors of Redis within a script', () => {
  it.each([
    old('-MISCONF Redis is configured to save RDB snapshots'),
    old('NOREPLICAS Not enough good replicas to write.'),
    old('-LOADING Redis is loading the dataset in memory'),
    old('CREDITSEXHAUSTED the plan of this server is used up'),
    old('ERR quota reached'),
    old("OOM command not allowed when used memory > 'maxmemory'."),
    'NOREPLICAS Not enough good replicas to write. script: 6b1, on @user_script:12.',
  ])('R11: passing trouble is no fault of a row: %s', (message) => {
    expect(isScriptFault(message)).toBe(false);
  });

  it.each([
    old('WRONGTYPE Operation against a key holding the wrong kind of value'),
    old('ERR string exceeds maximum allowed size (512MB)'),
    old('attempt to index a nil value'),
    'ERR user_script:12: Expected value but found invalid token at character 1 script: 6b1, on @user_script:12.',
  ])('R11: what the row brings about is: %s', (message) => {
    expect(isScriptFault(message)).toBe(true);
  });
});
