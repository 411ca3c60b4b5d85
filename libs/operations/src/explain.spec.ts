import { ReplyError } from 'ioredis';
import { explain } from './explain';

describe('what a person reads when Redis refuses a command', () => {
  it.each([
    "ERR The user executing the script can't run this command or subcommand script: f962b5a8, on @user_script:35.",
    "NOPERM User tributary-cli has no permissions to run the 'scan' command",
  ])('a missing right: %s', (message) => {
    expect(explain(new ReplyError(message))).toMatch(
      /^Redis denies a command to the account of REDIS_URL \([^\n]*\): grant it the rights in docs\/security\.md\.$/,
    );
  });

  it('a server that is loading', () => {
    expect(explain(new ReplyError('LOADING Redis is loading the dataset in memory'))).toBe(
      'Redis cannot answer at the moment: LOADING Redis is loading the dataset in memory (REDIS_URL).',
    );
  });
});
