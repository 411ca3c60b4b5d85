import { useIsOperator } from '../api/session';
import { store } from '../api/store';

/** Until the page is loaded again: nobody finds values revealed that another one wanted to see. */
const wanted = store(false);

export const setRevealed = wanted.set;

export function useRevealed(): boolean {
  const on = wanted.use();
  return useIsOperator() && on;
}

/** For the query of a call that answers with values of rows. */
export const useMask = () => ({ mask: useRevealed() ? 'false' : 'true' }) as const;
