import type { DeadLetter, DeadLetterGroups } from '@tributary/operations';
import type { Answer } from '../http/answer';
import { maskedKey, maskedSentence } from '../masking/masks';

/** Lists show no values to anybody. */
export const deadLetterLine = ({
  id,
  at,
  stage,
  code,
  reason,
  table,
  column,
  key,
  attempts,
}: DeadLetter) => ({
  ...{ id, at, stage, code, reason: maskedSentence(reason), table, column, attempts },
  key: maskedKey(key),
});

export const groupsAnswer = ({ total, groups }: DeadLetterGroups): Answer<'deadLetterGroups'> => ({
  total,
  groups: groups.map(({ sample, ...group }) => ({ ...group, sample: deadLetterLine(sample) })),
});
