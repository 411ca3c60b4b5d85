import { Inject, Injectable } from '@nestjs/common';
import { readToken, Sealer } from '@tributary/console-access';
import type { Request } from '../http/express';
import type { ConsoleSettings } from '../settings/console-settings';
import { SETTINGS } from '../settings/tokens';
import type { Caller } from './caller';
import { sameText } from './same-text';
import { Sessions } from './sessions';

/** Who brings the printed token. */
export const LOCAL = { name: 'local', role: 'operator' } as const;

/** Says who makes a request. */
@Injectable()
export class Authenticator {
  constructor(
    @Inject(Sealer) private readonly sealer: Sealer,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(SETTINGS) private readonly settings: ConsoleSettings,
  ) {}

  /** By its token, else by its session; a wrong token is nobody's, whatever cookie came along. */
  async callerOf(request: Request): Promise<Caller | undefined> {
    const from = request.ip ?? 'unknown';
    const { authorization } = request.headers;
    if (authorization === undefined) {
      const session = await this.sessions.of(request);
      return session && { ...session, from };
    }
    const token = /^Bearer ([\w-]{1,4096})$/i.exec(authorization)?.[1];
    const found = token === undefined ? undefined : await this.userOf(token);
    return found && { name: found.name, role: found.role, csrf: null, from };
  }

  /** Of the printed token, or of one that `tributary console token` made. */
  async userOf(token: string) {
    const { printedToken } = this.settings;
    if (printedToken !== undefined && sameText(token, printedToken)) return LOCAL;
    return readToken(this.sealer, token);
  }
}
