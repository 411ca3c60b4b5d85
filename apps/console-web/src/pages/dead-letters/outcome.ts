import type { AnswerOf } from '@tributary/console-api';

/** What became of a replay, worst news first. */
export function replaySentence(answer: AnswerOf<'replayDeadLetters'>): string {
  const { replayed, rejectedAgain, notReplayable, waitsFor, targets } = answer;
  const sum = (part: 'applied' | 'superseded' | 'rejected' | 'pending') =>
    Object.values(targets).reduce((total, outcome) => total + outcome[part], 0);
  return [
    rejectedAgain > 0 && `${rejectedAgain} were refused again`,
    sum('rejected') > 0 && `${sum('rejected')} were refused by a target`,
    notReplayable > 0 && `${notReplayable} cannot be replayed`,
    waitsFor && `waits for ${waitsFor}`,
    sum('pending') > 0 && `${sum('pending')} are still on their way`,
    sum('superseded') > 0 && `${sum('superseded')} were superseded by a newer change`,
    sum('applied') > 0 && `${sum('applied')} were applied`,
    `${replayed} replayed`,
  ]
    .filter(Boolean)
    .join('; ');
}
