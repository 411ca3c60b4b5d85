import { readFileSync } from 'node:fs';
import { connect, isIP, type Socket } from 'node:net';
import { fatal } from '@tributary/kernel';
import type { ConnectionOptions, SslOptions } from 'mysql2/promise';

/**
 * Connection options for the option `ssl` of a MySQL URL: `true` (the server's certificate and its name are checked),
 * `no-verify`, the path of a CA file, or a JSON object of TLS options. Throws a fatal SyncError `CONFIG`.
 */
export function tlsOptions(ssl: string | null, host: string, variable: string): ConnectionOptions {
  if (ssl === null || ssl === 'false') return {};
  const options = { verifyIdentity: true, rejectUnauthorized: true, ...parsed(ssl, variable) };
  const checked = options.rejectUnauthorized && options.verifyIdentity;
  return { ssl: options, ...(checked && isIP(host) !== 0 && { stream: namedSocket }) };
}

function parsed(ssl: string, variable: string): SslOptions {
  if (ssl === 'true' || ssl === '') return {};
  if (ssl === 'no-verify') return { rejectUnauthorized: false };
  try {
    if (ssl.startsWith('{')) return JSON.parse(ssl) as SslOptions;
    return { ca: readFileSync(ssl, 'utf8') };
  } catch (error) {
    throw fatal(
      'CONFIG',
      `The option ssl in ${variable} is neither true, no-verify, a readable CA file nor a JSON object.`,
      error,
    );
  }
}

/**
 * The driver does not pass on an address that is no host name, and Node.js then checks the certificate for
 * "localhost". It would take the name from the socket under the TLS layer, where only a DNS look-up puts it.
 */
function namedSocket({ config }: { config: { host: string; port: number } }): Socket {
  const socket = connect({ host: config.host, port: config.port, keepAlive: true, noDelay: true });
  return Object.assign(socket, { _host: config.host });
}
