import { useIsOperator, useLoginId } from '../api/session';
import { store } from '../api/store';

/**
 * The login in which somebody wanted to see values, until the page is loaded again: whoever logs in next, also the same
 * one, finds none revealed.
 */
const wantedIn = store<string | null>(null);

/** Whether values are shown, and what changes that. */
export function useReveal(): readonly [boolean, (on: boolean) => void] {
  const login = useLoginId();
  const wanted = wantedIn.use();
  const operator = useIsOperator();
  return [operator && login !== null && wanted === login, (on) => wantedIn.set(on ? login : null)];
}

const useRevealed = () => useReveal()[0];

/** For the query of a call that answers with values of rows. */
export const useMask = () => ({ mask: useRevealed() ? 'false' : 'true' }) as const;
