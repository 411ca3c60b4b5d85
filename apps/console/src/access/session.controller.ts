import { Controller, Inject } from '@nestjs/common';
import { passwordMatches, type User, type UsersFile } from '@tributary/console-access';
import type { BodyOf } from '@tributary/console-api';
import { productVersion } from '@tributary/operations';
import { LOGGER, type Logger } from '@tributary/service';
import { ApiProblem } from '../http/api-problem';
import type { Answer } from '../http/answer';
import type { Call } from '../http/call';
import { Operation, TheCall } from '../http/operation';
import type { ConsoleSettings } from '../settings/console-settings';
import { SETTINGS, USERS } from '../settings/tokens';
import { LOCAL } from './authenticator';
import { LoginLimits } from './login-limits';
import { sameText } from './same-text';
import { Sessions } from './sessions';

/** Logging in and out. */
@Controller()
export class SessionController {
  constructor(
    @Inject(SETTINGS) private readonly settings: ConsoleSettings,
    @Inject(USERS) private readonly users: UsersFile | null,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(LoginLimits) private readonly limits: LoginLimits,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  @Operation('session')
  session(@TheCall() { caller }: Call<'session'>): Answer<'session'> {
    return this.#answer(caller);
  }

  @Operation('login')
  async login(@TheCall() { body, request, response }: Call<'login'>): Promise<Answer<'login'>> {
    const [address, name] = [request.ip ?? 'unknown', 'name' in body ? body.name : 'printed token'];
    await this.limits.count(address, name);
    const user = await this.#userOf(body);
    this.log.info({ event: user ? 'login' : 'login-refused', address, name: user?.name ?? name }, 'login');
    if (!user) throw new ApiProblem(401, 'LOGIN', 'Name and password, or the token, are not right.');
    await this.limits.forget(address, name);
    const via = 'token' in body ? 'token' : 'file';
    return this.#answer(await this.sessions.start(user, via, request, response));
  }

  @Operation('logout')
  logout(@TheCall() { request, response }: Call<'logout'>): Answer<'logout'> {
    this.sessions.end(request, response);
    return this.#answer(undefined);
  }

  async #userOf(body: BodyOf<'login'>): Promise<User | undefined> {
    if ('token' in body) {
      const { printedToken } = this.settings;
      return printedToken !== undefined && sameText(body.token, printedToken) ? LOCAL : undefined;
    }
    const listed = this.users?.find(body.name);
    return (await passwordMatches(listed?.hash, body.password)) ? listed : undefined;
  }

  #answer(known: (User & { readonly csrf: string | null }) | undefined): Answer<'session'> {
    const { printedToken, usersFile, oidc } = this.settings;
    return {
      user: known ? { name: known.name, role: known.role } : null,
      csrf: known?.csrf ?? null,
      methods: [
        ...(printedToken === undefined ? [] : ['token' as const]),
        ...(usersFile === undefined ? [] : ['password' as const]),
        ...(oidc ? ['oidc' as const] : []),
      ],
      version: productVersion,
    };
  }
}
