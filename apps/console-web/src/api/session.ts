import { queryOptions, useQuery } from '@tanstack/react-query';
import type { BodyInputOf, Session } from '@tributary/console-api';
import { call, onLoggedOut, bringToken } from './client';
import { ask, queryClient } from './queries';

const question = ask('session', {});

const kept = (session: Session): Session => {
  bringToken(session.csrf);
  return session;
};

const sessionQuery = queryOptions({
  queryKey: question.queryKey,
  queryFn: async ({ signal }) => kept(await call('session', {}, signal)),
  staleTime: 60_000,
});

onLoggedOut(() => void queryClient.invalidateQueries({ queryKey: question.queryKey }));

export const useSession = () => useQuery(sessionQuery);
export const useUser = () => useSession().data?.user ?? null;
/** Another one for each login. */
export const useLoginId = () => useSession().data?.csrf ?? null;
export const useIsOperator = () => useUser()?.role === 'operator';

export async function logIn(by: BodyInputOf<'login'>): Promise<void> {
  const session = kept(await call('login', { body: by }));
  queryClient.setQueryData(question.queryKey, session);
}

export async function logOut(): Promise<void> {
  const session = kept(await call('logout', {}));
  queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' });
  queryClient.setQueryData(question.queryKey, session);
}

/**
 * Takes out of the address what the console has put behind its `#`: the printed one-time token, so that no history, bookmark
 * or screenshot keeps it, or why the OpenID provider's login was refused.
 */
export function takeFromHash(name: 'token' | 'login-error'): string | undefined {
  const text = new URLSearchParams(window.location.hash.slice(1)).get(name);
  if (!text) return undefined;
  window.history.replaceState(null, '', window.location.pathname + window.location.search);
  return text;
}
