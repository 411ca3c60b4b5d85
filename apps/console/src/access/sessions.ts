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
  /** Of a user of the file: changes when the password does. */
  stamp: z.string().optional(),
});

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

  async start(of: User, request: Request, response: Response): Promise<OpenSession> {
    const csrf = randomBytes(24).toString('base64url');
    const stamp = this.#stampOf(of.name);
    const session = { name: of.name, role: of.role, csrf };
    const sealed = await this.sealer.seal(
      'session',
      { ...session, ...(stamp && { stamp }) },
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
    const { name, role, csrf, stamp } = data;
    if (stamp === undefined) return { name, role, csrf };
    // Who was taken off the file, or has another password or role there, has it at once.
    const listed = this.users?.find(name);
    return listed && this.#stampOf(name) === stamp ? { name, role: listed.role, csrf } : undefined;
  }

  #stampOf(name: string): string | undefined {
    const hash = this.users?.find(name)?.hash;
    return hash && createHash('sha256').update(hash).digest('base64url').slice(0, 16);
  }

  #cookie(request: Request) {
    const secure = originOf(request, this.settings).protocol === 'https:';
    return { path: '/', sameSite: 'Strict', secure } as const;
  }
}
