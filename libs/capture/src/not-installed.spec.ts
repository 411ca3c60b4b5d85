import { mysqlErrno } from '@tributary/kernel';
import { isMissing, isNotInstalled } from './not-installed';

describe('what a server says of a capture schema', () => {
  it.each([
    ['BAD_DB', true, true],
    ['NO_SUCH_TABLE', true, true],
    ['DBACCESS_DENIED', false, true],
    ['TABLEACCESS_DENIED', false, true],
    ['LOCK_WAIT_TIMEOUT', false, false],
  ] as const)('%s: missing %s, not installed %s', (name, missing, notInstalled) => {
    const error = Object.assign(new Error(name), { errno: mysqlErrno[name] });
    expect([isMissing(error), isNotInstalled(error)]).toEqual([missing, notInstalled]);
  });

  it('a lost connection says nothing', () => {
    expect(isNotInstalled(new Error('read ECONNRESET'))).toBe(false);
  });
});
