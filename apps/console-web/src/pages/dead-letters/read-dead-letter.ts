import type { AnswerOf } from '@tributary/console-api';
import { valueText } from '../../parts/format';

/** A dead letter as far as it can be read: it may hold anything, so nothing of it is taken for granted. */
export function readDeadLetter({ headers, key, value }: AnswerOf<'deadLetter'>) {
  const named = parsed(key);
  const columns = named['key'];
  return {
    code: headers['dlq.code'] === undefined ? 'UNKNOWN' : valueText(headers['dlq.code']),
    reason: valueText(headers['dlq.reason'] ?? 'The dead letter gives no reason.'),
    table: typeof named['table'] === 'string' ? named['table'] : undefined,
    key: isFilled(columns) ? columns : undefined,
    text: pretty(value),
  };
}

const isFilled = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.keys(value).length > 0;

function parsed(text: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return value && typeof value === 'object' ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Indented where that changes no digit: a number that JavaScript would round stays as it was sent. */
function pretty(text: string | null): string {
  if (text === null) return '(no value: a tombstone)';
  try {
    const value: unknown = JSON.parse(text);
    return JSON.stringify(value) === text ? JSON.stringify(value, null, 2) : text;
  } catch {
    return text;
  }
}
