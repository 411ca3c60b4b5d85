import { fatal } from '@tributary/kernel';
import type { ConsoleSettings } from './console-settings';

const LOOPBACK = '127.0.0.1';

/**
 * The interface to listen on. While a printed token is all that keeps strangers out, that is loopback alone: throws a fatal
 * SyncError `ENV` when HTTP_HOST names another one.
 */
export function interfaceOf({ printedToken }: ConsoleSettings, asked: string | undefined): string {
  if (printedToken === undefined) return asked || '0.0.0.0';
  if (!asked || asked === LOOPBACK || asked === 'localhost') return LOOPBACK;
  throw fatal(
    'ENV',
    `HTTP_HOST asks for another interface than ${LOOPBACK}, and nobody would have to log in there, so nothing was started: ` +
      'set CONSOLE_USERS_FILE (tributary console hash-password makes a hash) or OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.',
  );
}
