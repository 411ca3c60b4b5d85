import { type Rejection } from '@tributary/contract';
import { SyncError, transient, errorText } from '@tributary/kernel';
import { mongo } from 'mongoose';

/**
 * What an error of MongoDB says about the statement that met it:
 * `transient` the server cannot work now, `row` this statement can never work, `duplicate` a unique index holds the
 * value already, `unknown` neither is certain: passing trouble, unless it is proven to be about the row.
 */
export type MongoFault = 'transient' | 'row' | 'duplicate' | 'unknown';

/** Server codes by https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml and `uassert` numbers. */
const duplicateCodes = new Set([11000, 11001, 12582]);

const rowCodes = new Set([
  2, // BadValue
  9, // FailedToParse
  14, // TypeMismatch
  15, // Overflow
  22, // InvalidBSON
  28, // PathNotViable
  52, // DollarPrefixedFieldName
  53, // InvalidIdField
  54, // NotSingleValueField
  55, // InvalidDBRef
  56, // EmptyFieldName
  57, // DottedFieldName
  66, // ImmutableField
  121, // DocumentValidationFailure
  171, // CannotIndexParallelArrays
  10334, // BSONObjectTooLarge
  16755, // a 2dsphere index cannot read a geometry
  17261, // a text index cannot read the language of a document
  17262,
  17280, // KeyTooLong
  17419, // the document after an update is too large
  17420,
]);

/** Those with which a server refuses a whole command for one document; others then mean the command, not the row. */
const wholeCommandCodes = new Set([22, 10334, 17419, 17420]);

const transientCodes = new Set([
  1, 6, 7, 8, 13, 18, 20, 24, 26, 43, 46, 50, 63, 64, 70, 73, 79, 82, 89, 91, 96, 100, 107, 112, 117, 125,
  133, 134, 146, 150, 166, 175, 189, 202, 216, 234, 237, 246, 251, 262, 266, 279, 290, 314, 317, 318, 358,
  365, 384, 391, 462, 8000, 9001, 12501, 16500, 10058, 10107, 11600, 11601, 11602, 13388, 13435, 13436, 14031,
  50915,
]);

export function faultOfCode(code: unknown): MongoFault {
  if (typeof code !== 'number') return 'unknown';
  if (duplicateCodes.has(code)) return 'duplicate';
  if (rowCodes.has(code)) return 'row';
  return transientCodes.has(code) ? 'transient' : 'unknown';
}

/** The class of an error that a whole call met, before any statement was blamed. */
export function faultOfCall(error: unknown): MongoFault {
  // The driver refuses a document while it encodes it: too large, NUL in a name, no BSON type.
  if (error instanceof mongo.BSON.BSONError || error instanceof mongo.MongoInvalidArgumentError) return 'row';
  if (isEncoderOverflow(error)) return 'row';
  if (error instanceof mongo.MongoError && (error.hasErrorLabel('RetryableWriteError') || isNetwork(error)))
    return 'transient';
  // A command that fails as a whole without being known as one row's fault is the server's trouble (R11).
  return error instanceof mongo.MongoServerError && wholeCommandCodes.has(Number(error.code))
    ? 'row'
    : 'transient';
}

/** The driver's encoder has a buffer of 17 MiB and runs past its end before anybody compares sizes. */
const isEncoderOverflow = (error: unknown) => (error as { name?: string } | null)?.name === 'RangeError';

/** What a call said about the one statement it had. */
export function callRefusal(collection: string, error: unknown): Rejection {
  const { code, message } = error as { code?: unknown; message: string };
  const tooLarge = 'Document is larger than the maximum size of 16 MiB';
  return refusal(collection, code, isEncoderOverflow(error) ? tooLarge : message);
}

const isNetwork = (error: Error) =>
  error instanceof mongo.MongoNetworkError || error instanceof mongo.MongoServerSelectionError;

/** What to tell when MongoDB cannot be written now; the driver's messages name hosts, never passwords. */
export function mongoTrouble(error: unknown): SyncError {
  if (error instanceof SyncError) return error;
  const { code } = error as { code?: unknown };
  const number = typeof code === 'number' ? ` (code ${code})` : '';
  return transient(
    'MONGODB',
    `MongoDB does not take writes at the moment${number}: ${withoutStop(errorText(error))}; waiting for it (MONGODB_URI).`,
    error,
  );
}

const INVALID_NAMESPACE = 73;

/**
 * The refusal of all rows of a table whose database or collection has a name that this server takes none under. Not
 * the server's trouble: waiting would hold up every other table for ever.
 */
export function nameRefusal(namespace: string, error: unknown): Rejection | undefined {
  const cause = error instanceof SyncError ? error.cause : error;
  if ((cause as { code?: unknown } | null)?.code !== INVALID_NAMESPACE) return undefined;
  const said = withoutStop((cause as Error).message);
  const remedy =
    'give the table another one in the sync file (mongo.database, mongo.collection) and replay the dead letters';
  return {
    code: 'TARGET_REJECTED',
    reason: `MongoDB takes no collection of the name ${namespace} (code ${INVALID_NAMESPACE}: ${said}): ${remedy}`,
  };
}

const withoutStop = (text: string) => text.replace(/[.\s]+$/, '').slice(0, 500);

/** The dead letter's reason for a refused statement: code and place, no value of the row. */
export function refusal(collection: string, code: unknown, message: string, details?: unknown): Rejection {
  const where = `MongoDB refused the document in ${collection}`;
  const said =
    code === 121
      ? `the collection's validator failed${validatorFaults(details)}`
      : faultOfCode(code) === 'duplicate'
        ? `another document holds its value in the unique index ${/index: (\S+)/.exec(message)?.[1] ?? ''}`.trimEnd()
        : withoutValues(message);
  const number = typeof code === 'number' ? ` (code ${code})` : '';
  return { code: 'TARGET_REJECTED', reason: `${where}${number}: ${said}` };
}

/** Server messages quote values in braces or quotation marks. */
const withoutValues = (message: string) =>
  withoutStop(message.replace(/\{.*\}|"[^"]*"/gs, '…')).slice(0, 300);

/** Which properties broke which rule, out of the server's errInfo. */
function validatorFaults(details: unknown): string {
  const found = new Set<string>();
  const walk = (node: unknown, property: string): void => {
    if (Array.isArray(node)) return node.forEach((item) => walk(item, property));
    if (typeof node !== 'object' || node === null) return;
    const { operatorName, propertyName, missingProperties, ...rest } = node as Record<string, unknown>;
    const name = typeof propertyName === 'string' ? propertyName : property;
    if (Array.isArray(missingProperties)) found.add(`required: ${missingProperties.join(', ')}`);
    else if (
      typeof operatorName === 'string' &&
      !operatorName.startsWith('$') &&
      operatorName !== 'properties'
    )
      found.add(name ? `${name}: ${operatorName}` : operatorName);
    for (const [member, value] of Object.entries(rest))
      if (member !== 'consideredValue' && member !== 'consideredValues' && member !== 'specifiedAs')
        walk(value, name);
  };
  walk(details, '');
  return found.size > 0 ? ` (${[...found].slice(0, 10).join('; ')})` : '';
}
