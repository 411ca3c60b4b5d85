// A certified OpenID provider as a process of its own: whoever logs in is who they say, and in the group that they say.
import { Provider } from 'oidc-provider';

const [redirect] = process.argv.slice(2);
const server = (await import('node:http')).createServer().listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'tributary',
      client_secret: 'the secret of the client',
      redirect_uris: [redirect],
      grant_types: ['authorization_code'],
      response_types: ['code'],
    },
  ],
  // `ada@operators` is ada of the group operators.
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, preferred_username: id.split('@')[0], groups: id.split('@').slice(1) }),
  }),
  claims: { openid: ['sub'], profile: ['preferred_username'], groups: ['groups'] },
  scopes: ['openid', 'profile', 'email', 'groups'],
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true } },
});
server.on('request', provider.callback());
process.stdout.write(`${issuer}\n`);
