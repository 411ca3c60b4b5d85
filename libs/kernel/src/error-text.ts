import { SyncError } from './errors';
import { mysqlErrno } from './mysql-errors';

interface Failure {
  readonly name?: string;
  readonly message?: string;
  readonly code?: unknown;
  readonly errno?: unknown;
  readonly sqlState?: unknown;
  readonly stack?: string;
  readonly cause?: unknown;
  readonly errors?: readonly unknown[];
  /** TypeORM keeps what the driver threw here. */
  readonly driverError?: unknown;
}

const GONE = '…';

/** Error numbers of MySQL and MariaDB whose quoted words are names of accounts, tables and columns only. */
const namesOnly = new Set<number>([
  mysqlErrno.DB_DROP_EXISTS,
  mysqlErrno.CON_COUNT,
  mysqlErrno.DBACCESS_DENIED,
  mysqlErrno.ACCESS_DENIED,
  mysqlErrno.BAD_DB,
  mysqlErrno.TABLE_EXISTS,
  mysqlErrno.BAD_TABLE,
  mysqlErrno.BAD_FIELD,
  mysqlErrno.DUP_FIELDNAME,
  mysqlErrno.DUP_KEYNAME,
  mysqlErrno.KEY_COLUMN_DOES_NOT_EXIST,
  mysqlErrno.CANT_DROP_FIELD_OR_KEY,
  mysqlErrno.UNKNOWN_TABLE,
  mysqlErrno.RECORD_FILE_FULL,
  mysqlErrno.HOST_IS_BLOCKED,
  mysqlErrno.HOST_NOT_PRIVILEGED,
  mysqlErrno.TABLEACCESS_DENIED,
  mysqlErrno.COLUMNACCESS_DENIED,
  mysqlErrno.NO_SUCH_TABLE,
  mysqlErrno.UNKNOWN_SYSTEM_VARIABLE,
  mysqlErrno.TABLE_CANT_HANDLE_FT,
  mysqlErrno.ROW_IS_REFERENCED,
  mysqlErrno.SPECIFIC_ACCESS_DENIED,
  mysqlErrno.GLOBAL_VARIABLE,
  mysqlErrno.WRONG_VALUE_FOR_VAR,
  mysqlErrno.INCORRECT_GLOBAL_LOCAL_VAR,
  mysqlErrno.NOT_SUPPORTED_AUTH_MODE,
  mysqlErrno.UNKNOWN_STORAGE_ENGINE,
  mysqlErrno.OPTION_PREVENTS_STATEMENT,
  mysqlErrno.SP_DOES_NOT_EXIST,
  mysqlErrno.VIEW_INVALID,
  mysqlErrno.TRG_ALREADY_EXISTS,
  mysqlErrno.TRG_DOES_NOT_EXIST,
  mysqlErrno.PROCACCESS_DENIED,
  mysqlErrno.UNKNOWN_CHARACTER_SET,
  mysqlErrno.COLLATION_CHARSET_MISMATCH,
  mysqlErrno.CANT_AGGREGATE_2COLLATIONS,
  mysqlErrno.CANT_AGGREGATE_3COLLATIONS,
  mysqlErrno.CANT_AGGREGATE_NCOLLATIONS,
  mysqlErrno.UNKNOWN_COLLATION,
  mysqlErrno.CANNOT_USER,
  mysqlErrno.CANT_CREATE_USER_WITH_GRANT,
  mysqlErrno.BINLOG_UNSAFE_ROUTINE,
  mysqlErrno.BINLOG_CREATE_ROUTINE_NEED_SUPER,
  mysqlErrno.SP_CANT_SET_AUTOCOMMIT,
  mysqlErrno.NO_SUCH_USER,
  mysqlErrno.ROW_IS_REFERENCED_2,
  mysqlErrno.NO_REFERENCED_ROW_2,
  mysqlErrno.MAX_PREPARED_STMT_COUNT_REACHED,
  mysqlErrno.ACCESS_DENIED_NO_PASSWORD,
  mysqlErrno.SECURE_TRANSPORT_REQUIRED,
  mysqlErrno.DISABLED_STORAGE_ENGINE,
  mysqlErrno.BEFORE_DML_VALIDATION,
  mysqlErrno.FK_INCOMPATIBLE_COLUMNS,
  mysqlErrno.CLIENT_INTERACTION_TIMEOUT,
]);

/**
 * What a server or driver said, without values of rows: fit for logs, dead letters and a terminal. Messages quote
 * the row ("Duplicate entry 'x' for key"), the statement, or the document that they are about.
 */
export function errorText(error: unknown): string {
  if (error instanceof SyncError) return error.message;
  if (typeof error !== 'object' || error === null) return withoutValues(String(error));
  const { driverError, message = 'unknown error', errno, sqlState, name = '' } = error as Failure;
  if (driverError !== undefined && driverError !== error) return errorText(driverError);
  if (sqlState !== undefined && typeof errno === 'number')
    return serverText(errno, String(sqlState), message);
  if (/^(Mongo|BSON)/.test(name)) return withoutDocuments(message);
  return withoutValues(message);
}

/** A parser quotes the statement only, and function names. */
const parserErrors = new Set<number>([
  mysqlErrno.PARSE,
  mysqlErrno.SYNTAX,
  mysqlErrno.SP_DOES_NOT_EXIST,
  mysqlErrno.WRONG_PARAMCOUNT_TO_NATIVE_FCT,
  mysqlErrno.WRONG_PARAMETERS_TO_NATIVE_FCT,
  mysqlErrno.WRONG_PARAMETERS_TO_STORED_FCT,
  mysqlErrno.FUNC_INEXISTENT_NAME_COLLISION,
]);

/** What a server said of a condition that an operator wrote: a parser's words quote nothing else. */
export const refusedWords = (error: unknown): string =>
  parserErrors.has(Number((error as Failure).errno)) ? (error as Error).message : errorText(error);

function serverText(errno: number, sqlState: string, message: string): string {
  // The text of SIGNAL is the application's own.
  if (sqlState === '45000' || errno === mysqlErrno.SIGNAL_EXCEPTION)
    return `a routine of the server refused it (error ${errno})`;
  if (namesOnly.has(errno)) return message;
  return withoutQuoted(message);
}

/** The names behind a quoted value are kept, the value may hold any character. */
const quoted =
  /(["'`]).*["'`](?<rest> for (?:key|column|function) (?:'[^'"]*'|[\w`.$]+)(?: at row \d+)?[\s.]*)$|(["'`]).*["'`]/s;

const withoutQuoted = (message: string) =>
  message.replace(quoted, (...found) => `'${GONE}'${(found.at(-1) as { rest?: string }).rest ?? ''}`);

const withoutDocuments = (message: string) => message.replace(/\{.*\}|"[^"]*"/gs, GONE);

/** Of a text whose origin is not known: the forms in which servers and parsers quote values. */
export function withoutValues(text: string): string {
  return text
    .replace(/Duplicate entry '.*' for key/gs, `Duplicate entry '${GONE}' for key`)
    .replace(/((?:incorrect|invalid)[\w ]* value: ?)(['"]).*\2/gis, `$1'${GONE}'`)
    .replace(/dup key: \{.*\}/gs, `dup key: ${GONE}`)
    .replace(/near '.*' at line/gs, `near '${GONE}' at line`)
    .replace(/with args beginning with:.*/gs, `with args beginning with: ${GONE}`)
    .replace(/Unexpected token .*is not valid JSON/gs, 'Unexpected token in JSON')
    .replace(/(in JSON at position \d+).*/gs, '$1');
}

/** An error as a log may hold it: no statement, no parameters, no value in a message or a stack. */
export function plainError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? withoutValues(error) : String(error);
  const { name, message, code, errno, sqlState, cause, errors } = error as Failure;
  const said = errorText(error);
  const further = depth < 5;
  return {
    type: name,
    message: said,
    ...(plainScalar(code) && { code }),
    ...(plainScalar(errno) && { errno }),
    ...(plainScalar(sqlState) && { sqlState }),
    stack: plainStack(`${name}: ${said}`, message ?? '', error.stack ?? ''),
    ...(further && cause !== undefined && { cause: plainError(cause, depth + 1) }),
    ...(further &&
      Array.isArray(errors) && { errors: errors.slice(0, 10).map((one) => plainError(one, depth + 1)) }),
  };
}

const plainScalar = (value: unknown) =>
  typeof value === 'number' || (typeof value === 'string' && /^\w+$/.test(value));

/** The frames only: what stands before them repeats the message. */
function plainStack(head: string, message: string, stack: string): string {
  const frames = (message === '' ? stack : stack.replaceAll(message, ''))
    .split('\n')
    .filter((line) => /^\s+at /.test(line));
  return [head, ...frames].join('\n');
}

/** The fields of a log line with every error in them made plain. */
export function plainFields(fields: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plainField(value, 0)]));
}

function plainField(value: unknown, depth: number): unknown {
  if (value instanceof Error) return plainError(value);
  if (Array.isArray(value) && depth < 3) return value.map((member) => plainField(member, depth + 1));
  if (
    depth < 3 &&
    typeof value === 'object' &&
    value !== null &&
    Object.getPrototypeOf(value) === Object.prototype
  )
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, plainField(member, depth + 1)]),
    );
  return value;
}
