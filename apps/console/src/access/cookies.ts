import type { Request, Response } from '../http/express';

export interface CookieOptions {
  readonly path: string;
  readonly sameSite: 'Strict' | 'Lax';
  readonly secure: boolean;
  readonly seconds: number;
}

/** No script sees it. */
export function setCookie(response: Response, name: string, value: string, options: CookieOptions): void {
  const { path, sameSite, secure, seconds } = options;
  const parts = [
    `${name}=${value}`,
    `Path=${path}`,
    `Max-Age=${seconds}`,
    'HttpOnly',
    `SameSite=${sameSite}`,
  ];
  response.appendHeader('set-cookie', [...parts, ...(secure ? ['Secure'] : [])].join('; '));
}

export const clearCookie = (
  response: Response,
  name: string,
  options: Omit<CookieOptions, 'seconds'>,
): void => setCookie(response, name, '', { ...options, seconds: 0 });

export function cookieOf({ headers }: Request, name: string): string | undefined {
  for (const pair of headers.cookie?.split(';') ?? []) {
    const at = pair.indexOf('=');
    if (pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}
