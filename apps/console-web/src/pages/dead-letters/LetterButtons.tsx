import { deadLettersCommand, type LettersAsked } from '../../commands/command-lines';
import { ChangeButton } from '../../parts/ChangeButton';
import { count } from '../../parts/format';
import { replaySentence } from './outcome';

interface LetterButtonProps {
  readonly which: LettersAsked;
  readonly letters: number;
}

export const ReplayButton = ({ which, letters }: LetterButtonProps) => (
  <ChangeButton
    operation="replayDeadLetters"
    label="Replay"
    says={`Sends ${lettersOf(letters)} through the pipeline again. Do it when the cause is mended, else they come back.`}
    input={(reason) => ({ body: { ...which, reason } })}
    command={deadLettersCommand('replay', which)}
    done={replaySentence}
  />
);

export const DiscardButton = ({ which, letters }: LetterButtonProps) => (
  <ChangeButton
    operation="discardDeadLetters"
    label="Discard"
    dangerous
    says={`Resolves ${lettersOf(letters)} without sending them again: these changes never reach the targets.`}
    input={(reason) => ({ body: { ...which, reason } })}
    command={deadLettersCommand('discard', which)}
    done={({ discarded }) => `${lettersOf(discarded)} discarded.`}
  />
);

const lettersOf = (letters: number) => (letters === 1 ? 'one dead letter' : `${count(letters)} dead letters`);
