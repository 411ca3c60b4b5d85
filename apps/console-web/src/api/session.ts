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

/** Takes the printed one-time token out of the address, so that no history, bookmark or screenshot keeps it. */
export function takeToken(): string | undefined {
  const token = /^#token=(.+)$/.exec(window.location.hash)?.[1];
  if (!token) return undefined;
  window.history.replaceState(null, '', window.location.pathname + window.location.search);
  return decodeURIComponent(token);
}
