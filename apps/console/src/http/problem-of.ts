import { HttpException } from '@nestjs/common';
import { SyncError } from '@tributary/kernel';
import { explain } from '@tributary/operations';
import { ApiProblem } from './api-problem';

/** Of fatal errors: whose fault, or whose absence, it is. All others are at odds with how things are now: 409. */
const statuses: Readonly<Record<string, number>> = {
  KEY: 400,
  USAGE: 400,
  TABLE: 404,
  DLQ: 404,
  NO_SNAPSHOT: 404,
  VERIFICATION: 404,
};
const ofServer = /^(ACCESS|RIGHTS|TLS|MYSQL|MONGODB|REDIS|KAFKA)(_|$)/;

interface Failure {
  readonly name?: string;
  /** Of MySQL's driver: the connection is no more. */
  readonly fatal?: boolean;
  readonly sqlState?: string;
}

/** A problem for whatever a use case, Nest or a driver throws; `undefined` for what nobody has foreseen. */
export function problemOf(error: unknown): ApiProblem | undefined {
  if (error instanceof ApiProblem) return error;
  if (error instanceof SyncError) {
    const away = error.kind === 'retry' || ofServer.test(error.code);
    return new ApiProblem(away ? 503 : (statuses[error.code] ?? 409), error.code, error.message);
  }
  if (error instanceof HttpException) return ofNest(error);
  const { name = '', fatal: lost, sqlState } = (error ?? {}) as Failure;
  // What a driver says when its server is lost in the middle of the work.
  if (lost || /^Mongo|^ReplyError$|^MaxRetriesPerRequestError$/.test(name))
    return new ApiProblem(503, 'UNREACHABLE', explain(error));
  if (sqlState !== undefined) return new ApiProblem(409, 'MYSQL', explain(error));
  return undefined;
}

const ofNest = (error: HttpException): ApiProblem => {
  const status = error.getStatus();
  if (status === 404)
    return new ApiProblem(
      404,
      'NO_SUCH_CALL',
      'There is no such call: /api/openapi.json describes all that there are.',
    );
  return new ApiProblem(status, 'HTTP', `${error.message}.`);
};
