import { keepPreviousData, QueryClient, queryOptions, useMutation } from '@tanstack/react-query';
import type { Answer, Change, Input, Question } from './calls';
import { call } from './client';
import { Refused } from './failure';

/** Other calls of the same user are worked on: it has its turn a moment later. */
const isBusy = ({ problem }: Refused) => problem.type.endsWith(':BUSY');

export const queryClient = new QueryClient({
  defaultOptions: {
    // The browser's idea of being offline says nothing of a console on this machine or in this network.
    queries: {
      networkMode: 'always',
      retry: (count, error) => (!(error instanceof Refused) || isBusy(error)) && count < 2,
      staleTime: 2_000,
      placeholderData: keepPreviousData,
    },
    mutations: { networkMode: 'always' },
  },
});

/** A question to the console, for `useQuery`; the operation and its input are the key. */
export const ask = <O extends Question>(operation: O, input: Input<O>) =>
  queryOptions({
    queryKey: [operation, input] as const,
    queryFn: ({ signal }): Promise<Answer<O>> => call(operation, input, signal),
  });

/**
 * A change; whatever is on the screen is asked for again when it is done, or refused. `onSuccess` is called also when the
 * button is gone by then, as that of a dead letter that was replayed.
 */
export function useChange<O extends Change>(operation: O, onSuccess: (answer: Answer<O>) => void) {
  return useMutation({
    mutationFn: (input: Input<O>): Promise<Answer<O>> => call(operation, input),
    onSuccess,
    onSettled: () => queryClient.invalidateQueries(),
  });
}
