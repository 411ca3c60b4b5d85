import type {
  AnswerOf,
  BodyInputOf,
  Endpoints,
  Operation,
  ParamsOf,
  QueryInputOf,
} from '@tributary/console-api';

/**
 * Method and path of every call. The API's own table is not imported, since zod would come along; the compiler compares
 * this one with it.
 */
export const calls = {
  session: ['GET', 'session'],
  login: ['POST', 'session'],
  logout: ['DELETE', 'session'],
  overview: ['GET', 'overview'],
  tables: ['GET', 'tables'],
  table: ['GET', 'tables/{table}'],
  pauseTable: ['POST', 'tables/{table}/pause'],
  resumeTable: ['POST', 'tables/{table}/resume'],
  trace: ['GET', 'rows/{table}/trace'],
  history: ['GET', 'rows/{table}/history'],
  resend: ['POST', 'rows/resend'],
  snapshots: ['GET', 'snapshots'],
  startSnapshots: ['POST', 'snapshots'],
  pauseSnapshot: ['POST', 'snapshots/{id}/pause'],
  resumeSnapshot: ['POST', 'snapshots/{id}/resume'],
  cancelSnapshot: ['POST', 'snapshots/{id}/cancel'],
  verifications: ['GET', 'verifications'],
  startVerification: ['POST', 'verifications'],
  verification: ['GET', 'verifications/{id}'],
  cancelVerification: ['POST', 'verifications/{id}/cancel'],
  repairVerification: ['POST', 'verifications/{id}/repair'],
  deadLetterGroups: ['GET', 'dead-letters/groups'],
  deadLetters: ['GET', 'dead-letters'],
  deadLetter: ['GET', 'dead-letters/{id}'],
  replayDeadLetters: ['POST', 'dead-letters/replay'],
  discardDeadLetters: ['POST', 'dead-letters/discard'],
  instances: ['GET', 'instances'],
  config: ['GET', 'config'],
  audit: ['GET', 'audit'],
} as const satisfies { [O in Operation]: readonly [Endpoints[O]['method'], Endpoints[O]['path']] };

type Part<Name extends string, Value> = [Value] extends [undefined]
  ? unknown
  : { readonly [N in Name]: Value };
type QueryPart<Value> = [Value] extends [undefined] ? unknown : { readonly query: Value };

/** What a call takes: parameters of its path, its query, its body. */
export type Input<O extends Operation> = Part<'params', ParamsOf<O>> &
  QueryPart<QueryInputOf<O>> &
  Part<'body', BodyInputOf<O>>;
export type Answer<O extends Operation> = AnswerOf<O>;

type WithMethod<M extends string> = {
  [O in Operation]: Endpoints[O]['method'] extends M ? O : never;
}[Operation];
/** Calls that change nothing, and calls that do. */
export type Question = WithMethod<'GET'>;
export type Change = Exclude<WithMethod<'POST'>, 'login'>;
