import { Alert, Loader } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { sentenceOf } from '../api/failure';

interface LoadedProps<T> {
  readonly of: UseQueryResult<T>;
  readonly children: (data: T) => ReactNode;
}

/** What a question was answered with; an error stands above the last answer, in place of none. */
export function Loaded<T>({ of: { data, error, isPending }, children }: LoadedProps<T>) {
  return (
    <>
      {error && <Failure error={error} />}
      {data !== undefined && children(data)}
      {isPending && !error && <Loader aria-label="Loading" />}
    </>
  );
}

export const Failure = ({ error }: { error: unknown }) => (
  <Alert color="red" variant="outline" title="That did not work" role="alert">
    {sentenceOf(error)}
  </Alert>
);
