import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { LOGGER, type Logger } from '@tributary/service';
import type { Request, Response } from '../http/express';
import { problemOf } from '../http/problem-of';
import type { ConsoleSettings } from '../settings/console-settings';
import { SETTINGS } from '../settings/tokens';
import { clearCookie, cookieOf, setCookie } from './cookies';
import { OidcProvider } from './oidc-provider';
import { originOf } from './origin';
import { Sessions } from './sessions';

const PATH = '/api/v1/session/oidc';
const LOGIN = 'tributary_login';

/** The two pages of a login at the OpenID provider; a browser goes there, a program does not. */
@Controller()
export class OidcController {
  constructor(
    @Inject(OidcProvider) private readonly provider: OidcProvider,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(SETTINGS) private readonly settings: ConsoleSettings,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  @Get(PATH)
  async begin(@Req() request: Request, @Res() response: Response): Promise<void> {
    const origin = originOf(request, this.settings);
    const { location, login } = await this.provider.begin(new URL(`${PATH}/callback`, origin).href);
    setCookie(response, LOGIN, login, { ...this.#cookie(origin), seconds: 600 });
    response.redirect(303, location);
  }

  @Get(`${PATH}/callback`)
  async finish(@Req() request: Request, @Res() response: Response): Promise<void> {
    const login = cookieOf(request, LOGIN) ?? '';
    clearCookie(response, LOGIN, this.#cookie(originOf(request, this.settings)));
    try {
      const { sub, ...user } = await this.provider.finish(request.url ?? '', login);
      this.log.info({ event: 'login', address: request.ip, name: user.name, sub }, 'login');
      await this.sessions.start(user, 'oidc', request, response);
      response.redirect(303, '/');
    } catch (error) {
      // A person looks at it, so the page says why; by the code, since anybody can make such an address.
      const problem = problemOf(error);
      if (!problem) throw error;
      this.log.info({ event: 'login-refused', address: request.ip, code: problem.code }, problem.detail);
      response.redirect(303, `/#login-error=${problem.code}`);
    }
  }

  /** It has to come along when the provider sends the browser back, which is another site. */
  #cookie(origin: URL) {
    return { path: PATH, sameSite: 'Lax', secure: origin.protocol === 'https:' } as const;
  }
}
