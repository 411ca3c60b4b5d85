import { SyncError, errorText } from '@tributary/kernel';
import { mongoStartFault, redisReason } from '@tributary/targets';

/** What a person reads when a use case fails: one sentence that says what, where, and what to do next. */
export function explain(error: unknown): string {
  if (error instanceof SyncError) return error.message;
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
