import { createHash, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Sealer, user, type User, type UsersFile } from '@tributary/console-access';
import { z } from 'zod';
import type { Request, Response } from '../http/express';
import type { ConsoleSettings } from '../settings/console-settings';
import { SETTINGS, USERS } from '../settings/tokens';
import { clearCookie, cookieOf, setCookie } from './cookies';
import { originOf } from './origin';

const LIFE_SECONDS = 12 * 3_600;
const SESSION = 'tributary_session';

const content = user.extend({
  csrf: z.string().min(1),
  via: z.enum(['file', 'oidc', 'token']),
  /** Changes with what the login stands on, as the password. */
  stamp: z.string().min(1),
});

/** How somebody has logged in: as a user of the file, at the OpenID provider, or by the printed token. */
export type Via = z.infer<typeof content>['via'];

export interface OpenSession extends User {
  readonly csrf: string;
}

/** Sessions live in a sealed cookie alone, so that any copy of the console that has the secret knows them. */
@Injectable()
export class Sessions {
  constructor(
    @Inject(Sealer) private readonly sealer: Sealer,
    @Inject(SETTINGS) private readonly settings: ConsoleSettings,
    @Inject(USERS) private readonly users: UsersFile | null,
  ) {}

  async start(of: User, via: Via, request: Request, response: Response): Promise<OpenSession> {
    const session = { name: of.name, role: of.role, csrf: randomBytes(24).toString('base64url') };
    const sealed = await this.sealer.seal(
      'session',
      { ...session, via, stamp: this.#stampOf(via, of.name) },
      LIFE_SECONDS * 1_000,
    );
    setCookie(response, SESSION, sealed, { ...this.#cookie(request), seconds: LIFE_SECONDS });
    return session;
  }

  end(request: Request, response: Response): void {
    clearCookie(response, SESSION, this.#cookie(request));
  }

  async of(request: Request): Promise<OpenSession | undefined> {
    const cookie = cookieOf(request, SESSION);
    if (!cookie) return undefined;
    const { data } = content.safeParse(await this.sealer.open('session', cookie));
    if (!data) return undefined;
    const { name, role, csrf, via, stamp } = data;
    if (this.#stampOf(via, name) !== stamp) return undefined;
    // Who has another role in the file has it at once.
    return { name, csrf, role: via === 'file' ? this.users!.find(name)!.role : role };
  }

  /** `undefined`: nobody of that name can log in that way now. */
  #stampOf(via: Via, name: string): string | undefined {
    const ground = this.#groundOf(via, name);
    return ground && createHash('sha256').update(ground).digest('base64url').slice(0, 16);
  }

  #groundOf(via: Via, name: string): string | undefined {
    const { oidc, printedToken } = this.settings;
    if (via === 'file') return this.users?.find(name)?.hash;
    if (via === 'token') return printedToken;
    return oidc && `${oidc.issuer.href} ${oidc.clientId} ${oidc.operatorGroup}`;
  }

  #cookie(request: Request) {
    const secure = originOf(request, this.settings).protocol === 'https:';
    return { path: '/', sameSite: 'Strict', secure } as const;
  }
}
