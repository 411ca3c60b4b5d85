import { BinaryReader } from '@bufbuild/protobuf/wire';
import { Code, ConnectError } from '@connectrpc/connect';

/** What Spark itself tells of an error, beside its text; an error of the network has none. */
export interface SparkFault {
  /** As `TABLE_OR_VIEW_NOT_FOUND`; empty where it has none. */
  readonly errorClass: string;
  /** By which the server gives the whole error. */
  readonly errorId: string;
}

const ERROR_INFO = 'google.rpc.ErrorInfo';

/** Undefined: the error is not one that a Spark server told. */
export function sparkFault(error: unknown): SparkFault | undefined {
  if (!(error instanceof ConnectError)) return undefined;
  for (const detail of error.details)
    if ('type' in detail && detail.type === ERROR_INFO) {
      const { errorClass = '', errorId = '' } = metadataOf(detail.value);
      return { errorClass, errorId };
    }
  return undefined;
}

/** Field 3 of ErrorInfo: a map of text to text. */
function metadataOf(bytes: Uint8Array): Record<string, string> {
  const reader = new BinaryReader(bytes);
  const found: Record<string, string> = {};
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field !== 3) {
      reader.skip(type);
      continue;
    }
    const end = reader.uint32() + reader.pos;
    let [key, value] = ['', ''];
    while (reader.pos < end) {
      const [part] = reader.tag();
      if (part === 1) key = reader.string();
      else value = reader.string();
    }
    found[key] = value;
  }
  return found;
}

/** `Canceled` too: a broken connection cancels its streams. What we cancel ourselves nobody asks about here. */
const network = new Set([
  ...[Code.Unavailable, Code.Aborted, Code.Internal, Code.Unknown, Code.DeadlineExceeded, Code.Canceled],
]);

/** Whether the same call may go well later: the network failed, or a server in front of Spark. */
export const isPassing = (error: unknown): boolean =>
  error instanceof ConnectError && network.has(error.code) && sparkFault(error) === undefined;

const hasClass = (error: unknown, pattern: RegExp) => pattern.test(sparkFault(error)?.errorClass ?? '');

/** The server knows nothing of the operation, and never did. */
export const unknownOperation = (error: unknown) => hasClass(error, /^INVALID_HANDLE\.OPERATION_NOT_FOUND$/);

/** The request of the operation has come before. */
export const alreadyThere = (error: unknown) => hasClass(error, /^INVALID_HANDLE\.OPERATION_ALREADY_EXISTS$/);
