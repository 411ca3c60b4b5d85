import { Inject, Injectable } from '@nestjs/common';
import { OIDC_PREFIX, Sealer, type User } from '@tributary/console-access';
import * as oidc from 'openid-client';
import { z } from 'zod';
import { ApiProblem } from '../http/api-problem';
import type { ConsoleSettings, OidcSettings } from '../settings/console-settings';
import { SETTINGS } from '../settings/tokens';

const LIFE_MS = 10 * 60_000;

const started = z.object({
  verifier: z.string(),
  state: z.string(),
  nonce: z.string(),
  redirect: z.string(),
});

const claims = z.looseObject({
  sub: z.string(),
  preferred_username: z.string().nullish(),
  email: z.string().nullish(),
  groups: z.union([z.array(z.string()), z.string().transform((one) => [one])]).catch([]),
});

/** The OpenID provider: authorization code flow with PKCE, state and nonce. */
@Injectable()
export class OidcProvider {
  #found: Promise<oidc.Configuration> | undefined;

  constructor(
    @Inject(SETTINGS) private readonly settings: ConsoleSettings,
    @Inject(Sealer) private readonly sealer: Sealer,
  ) {}

  /** Where to send the browser, and what it has to bring back, sealed. */
  async begin(redirect: string): Promise<{ readonly location: string; readonly login: string }> {
    const configuration = await this.#configuration();
    const verifier = oidc.randomPKCECodeVerifier();
    const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
    const location = oidc.buildAuthorizationUrl(configuration, {
      ...{ redirect_uri: redirect, scope: 'openid profile email groups', state, nonce },
      ...{ code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' },
    });
    const login = await this.sealer.seal('login', { verifier, state, nonce, redirect }, LIFE_MS);
    return { location: location.href, login };
  }

  /**
   * Who came back from the provider: `oidc:` and the name there, so that nobody is taken for a user of the file. Throws a
   * problem 401.
   */
  async finish(query: string, login: string): Promise<User & { readonly sub: string }> {
    const { data: begun } = started.safeParse(await this.sealer.open('login', login));
    if (!begun) throw refused();
    const configuration = await this.#configuration();
    const tokens = await oidc
      .authorizationCodeGrant(configuration, new URL(query, begun.redirect), {
        ...{ pkceCodeVerifier: begun.verifier, expectedState: begun.state, expectedNonce: begun.nonce },
        idTokenExpected: true,
      })
      .catch((error: unknown) => {
        throw refused(error);
      });
    const { sub, preferred_username, email, groups } = claims.parse(tokens.claims());
    const { operatorGroup } = this.#oidc();
    const isOperator = operatorGroup !== undefined && groups.includes(operatorGroup);
    const name = `${OIDC_PREFIX}${preferred_username || email || sub}`.slice(0, 200);
    return { name, sub, role: isOperator ? 'operator' : 'viewer' };
  }

  #oidc(): OidcSettings {
    if (this.settings.oidc) return this.settings.oidc;
    throw new ApiProblem(404, 'NO_SUCH_CALL', 'No OpenID provider is set: log in another way.');
  }

  /** Asked for at the first login, and again after a failure: the provider may be away while the console starts. */
  async #configuration(): Promise<oidc.Configuration> {
    const { issuer, clientId, clientSecret } = this.#oidc();
    const execute = issuer.protocol === 'http:' ? [oidc.allowInsecureRequests] : [];
    this.#found ??= oidc.discovery(issuer, clientId, clientSecret, undefined, { execute });
    try {
      return await this.#found;
    } catch (error) {
      this.#found = undefined;
      throw new ApiProblem(
        503,
        'OIDC_AWAY',
        `The OpenID provider of OIDC_ISSUER does not answer as one (${(error as Error).message}): check the address, and try again.`,
      );
    }
  }
}

const refused = (error?: unknown) => {
  const code = (error as { error?: unknown } | undefined)?.error;
  const said = typeof code === 'string' && /^[a-z_]{1,50}$/.test(code) ? ` (${code})` : '';
  return new ApiProblem(
    401,
    'LOGIN',
    `The login at the OpenID provider was not completed${said}: begin again.`,
  );
};
