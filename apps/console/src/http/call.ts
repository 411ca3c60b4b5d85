import type { BodyOf, Operation as OperationName, ParamsOf, QueryOf } from '@tributary/console-api';
import type { Caller } from '../access/caller';
import type { Request, Response } from './express';

/** One call of the API whose input fits and whose caller may make it. */
export interface Call<O extends OperationName = OperationName> {
  readonly operation: O;
  readonly params: ParamsOf<O>;
  readonly query: QueryOf<O>;
  readonly body: BodyOf<O>;
  /** `undefined`: of a call that anyone may make, without a session. */
  readonly caller: Caller | undefined;
  /** Aborts when the caller has gone. */
  readonly signal: AbortSignal;
  /** Set by whoever works on it: it was done, and did not bring about what was asked for. */
  outcome?: 'failed';
  readonly request: Request;
  readonly response: Response;
}
