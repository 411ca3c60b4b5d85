import { SyncError, errorText } from '@tributary/change-event';
import { mongoStartFault, redisReason } from '@tributary/targets';

const STACK_HINT =
  'For the development stack: set -a; eval "$(npm run -s stack -- env)"; set +a (start it with: npm run stack -- up).';

/** What a person reads when a command fails: one sentence that says what, where, and what to do next. */
export function explain(error: unknown): string {
  if (error instanceof SyncError)
    return error.code === 'ENV' ? `${error.message}\n${STACK_HINT}` : error.message;
  const { name } = (error ?? {}) as { name?: string };
  if (name?.startsWith('Mongo')) return mongoStartFault(error).message;
  if (name === 'ReplyError') return redisAnswer(redisReason(error));
  return endsAsSentence(errorText(error));
}

const redisAnswer = (reason: string) =>
  /^NOPERM|can't run this command/.test(reason)
    ? `Redis denies a command to the account of REDIS_URL (${reason}): grant it the rights in docs/security.md.`
    : `Redis cannot answer at the moment: ${reason} (REDIS_URL).`;

const endsAsSentence = (text: string) => (/[.!?:]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`);
