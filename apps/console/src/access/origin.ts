import { ApiProblem } from '../http/api-problem';
import type { Request } from '../http/express';
import type { ConsoleSettings } from '../settings/console-settings';

/** Where people reach this console: CONSOLE_URL, else as the request says. */
export function originOf(request: Request, { url }: Pick<ConsoleSettings, 'url'>): URL {
  if (url) return url;
  const host = request.headers.host ?? '';
  if (!/^(\[[\da-f:]+\]|[\w.-]+)(:\d{1,5})?$/i.test(host))
    throw new ApiProblem(400, 'HOST', 'The header host is malformed.');
  return new URL(`${request.secure ? 'https' : 'http'}://${host}`);
}
