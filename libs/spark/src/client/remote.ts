import { fatal, ownUser } from '@tributary/kernel';

/** A Connect server's address, taken apart. */
export interface Remote {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly userId: string;
  /** Sent with every call; a token becomes `authorization`. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The address as it may be shown: a token is no part of it. */
export const shown = ({ host, port }: Remote) => `sc://${host.includes(':') ? `[${host}]` : host}:${port}`;

const DEFAULT_PORT = 15002;
const shape =
  /^sc:\/\/(?<host>\[[0-9A-Fa-f:.]+\]|[^\s/:;@?#[\]]+)(?::(?<port>\d{1,5}))?\/?(?:;(?<parameters>.*))?$/;

/**
 * Reads `sc://host:port/;token=...;use_ssl=true;user_id=...`, as Spark's own clients do; further parameters are headers.
 * Throws a SyncError that does not repeat the parameters, which may hold a token.
 */
export function parseRemote(text: string): Remote {
  const { host, port: digits = String(DEFAULT_PORT), parameters = '' } = shape.exec(text)?.groups ?? {};
  const port = Number(digits);
  if (host === undefined || port < 1 || port > 65_535)
    throw fatal(
      'CONFIG',
      'The address of Spark must look like sc://host:15002, or sc://host:15002/;use_ssl=true;token=... for a server that asks for a token.',
    );
  const headers: Record<string, string> = {};
  let tls = false;
  let userId = ownUser();
  for (const part of parameters.split(';').filter(Boolean)) {
    const at = part.indexOf('=');
    const name = part.slice(0, Math.max(at, 0));
    const value = decoded(part.slice(at + 1), name);
    if (name === 'use_ssl') tls = value.toLowerCase() === 'true';
    else if (name === 'token') headers['authorization'] = `Bearer ${value}`;
    else if (name === 'user_id') userId = value;
    else if (/^x-[\w.-]+$/.test(name)) headers[name] = value;
    // Of other clients, or a mistake: to leave out a misspelt use_ssl would send the token in the clear.
    else if (!['user_agent', 'session_id'].includes(name))
      throw fatal(
        'CONFIG',
        `The address of Spark has a parameter that is not known here (${/^[\w.-]{1,30}$/.test(name) ? name : 'without a name'}): use_ssl, token, user_id and x-... are.`,
      );
  }
  return { host: host.replace(/^\[|\]$/g, ''), port, tls, userId, headers };
}

function decoded(text: string, name: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw fatal('CONFIG', `The parameter ${name} of Spark's address is no valid URL text: write % as %25.`);
  }
}
