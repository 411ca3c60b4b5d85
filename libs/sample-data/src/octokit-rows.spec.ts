import { RowCollector } from '@tributary/gh-archive';
import { octokitRows } from './octokit-rows';

describe('rows of @octokit/webhooks-examples', () => {
  const { users, repositories } = octokitRows();

  it('finds more than ten users and ten repositories, each id once', () => {
    expect(users.length).toBeGreaterThan(10);
    expect(repositories.length).toBeGreaterThan(10);
    expect(new Set(users.map((user) => user.user_id)).size).toBe(users.length);
    expect(new Set(repositories.map((repository) => repository.repo_id)).size).toBe(repositories.length);
  });

  it('keeps what GitHub says of them', () => {
    expect(users.find((user) => user.login === 'Codertocat')).toMatchObject({
      user_id: '21031067',
      html_url: 'https://github.com/Codertocat',
      type: 'User',
      site_admin: 0,
    });
    expect(
      repositories.find((repository) => repository.full_name === 'Codertocat/Hello-World'),
    ).toMatchObject({
      repo_id: '186853002',
      name: 'Hello-World',
      default_branch: 'master',
      created_at: '2019-05-15 15:19:25',
    });
  });
});

describe('collector', () => {
  it('takes no invitation, label or team for a user, and no team for a repository', () => {
    const collector = new RowCollector();
    collector.addAllIn([
      { id: 1, login: 'invited', email: null, role: 'direct_member' },
      { id: 2, name: 'bug', url: 'https://api.github.com/repos/a/b/labels/bug' },
      { id: 3, name: 'team', url: 'https://api.github.com/teams/3' },
      { id: 'x', login: 'text-id', url: 'https://api.github.com/users/x' },
    ]);
    expect(collector.take()).toEqual({ users: [], repositories: [] });
  });

  it('completes a short form by a longer one and never forgets what it knew', () => {
    const short = { id: 7, name: 'owner/repo', url: 'https://api.github.com/repos/owner/repo' };
    const long = { ...short, name: 'repo', full_name: 'owner/repo', private: true, topics: ['a'] };
    const collector = new RowCollector();
    collector.addAllIn([short, { nested: [long] }, short]);
    expect(collector.take().repositories).toEqual([
      expect.objectContaining({
        repo_id: '7',
        full_name: 'owner/repo',
        name: 'repo',
        private: 1,
        topics: '["a"]',
      }),
    ]);
    expect(collector.size).toBe(0);
  });
});
