import { SyncError } from './errors';

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
const namesOnly = new Set([
  ...[1008, 1040, 1044, 1045, 1049, 1050, 1051, 1054, 1060, 1061, 1072, 1091, 1109, 1114, 1129, 1130, 1142],
  ...[1143, 1146, 1193, 1214, 1217, 1227, 1229, 1231, 1238, 1251, 1286, 1290, 1305, 1356, 1359, 1360, 1370],
  ...[
    1115, 1253, 1267, 1270, 1271, 1273, 1396, 1410, 1418, 1419, 1445, 1449, 1451, 1452, 1461, 1698, 3159,
    3161, 3098, 3780, 4031,
  ],
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
const parserErrors = new Set([1064, 1149, 1305, 1582, 1583, 1584, 1630]);

/** What a server said of a condition that an operator wrote: a parser's words quote nothing else. */
export const refusedWords = (error: unknown): string =>
  parserErrors.has(Number((error as Failure).errno)) ? (error as Error).message : errorText(error);

function serverText(errno: number, sqlState: string, message: string): string {
  // The text of SIGNAL is the application's own.
  if (sqlState === '45000' || errno === 1644) return `a routine of the server refused it (error ${errno})`;
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
