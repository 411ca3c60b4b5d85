import { SyncError } from '@tributary/change-event';

interface DriverError {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string | number;
  readonly errno?: number;
  readonly address?: string;
  readonly port?: number;
}

const STACK_HINT =
  'For the development stack: set -a; eval "$(npm run -s stack -- env)"; set +a (start it with: npm run stack -- up).';

/** What a person reads when a command fails: one sentence that says what, where, and what to do next. */
export function explain(error: unknown): string {
  if (error instanceof SyncError)
    return error.code === 'ENV' ? `${error.message}\n${STACK_HINT}` : error.message;
  const { name = '', message = String(error), code } = (error ?? {}) as DriverError;
  if (name.startsWith('Mongo')) return mongoSentence(name, message, code);
  return endsAsSentence(message);
}

function mongoSentence(name: string, message: string, code: DriverError['code']): string {
  if (name === 'MongoServerSelectionError' || name === 'MongoNetworkError')
    return 'MongoDB does not answer (MONGODB_URI): check that it runs and that the address is right.';
  if (code === 18 || code === 8000)
    return 'MongoDB refuses the login of MONGODB_URI: check its user name, password and authSource.';
  if (code === 13) return `MongoDB denies the account of MONGODB_URI a right: ${endsAsSentence(message)}`;
  if (name === 'MongoParseError' || name === 'MongoInvalidArgumentError')
    return `MONGODB_URI is malformed: it must look like mongodb://user:password@host:27017.`;
  return `MongoDB: ${endsAsSentence(message)}`;
}

const endsAsSentence = (text: string) => (/[.!?:]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`);
