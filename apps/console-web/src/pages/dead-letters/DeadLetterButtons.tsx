import { deadLettersCommand, type DeadLettersAsked } from '../../commands/command-lines';
import { ChangeButton } from '../../parts/ChangeButton';
import { count } from '../../parts/format';
import { replaySentence } from './outcome';

interface DeadLetterButtonProps {
  readonly which: DeadLettersAsked;
  readonly letters: number;
}

export const ReplayButton = ({ which, letters }: DeadLetterButtonProps) => (
  <ChangeButton
    operation="replayDeadLetters"
    label="Replay"
    says={`Sends ${deadLettersOf(letters)} through the pipeline again. Do it when the cause is mended, else they come back.`}
    input={(reason) => ({ body: { ...which, reason } })}
    command={deadLettersCommand('replay', which)}
    done={replaySentence}
  />
);

export const DiscardButton = ({ which, letters }: DeadLetterButtonProps) => (
  <ChangeButton
    operation="discardDeadLetters"
    label="Discard"
    dangerous
    says={`Resolves ${deadLettersOf(letters)} without sending them again: these changes never reach the targets.`}
    input={(reason) => ({ body: { ...which, reason } })}
    command={deadLettersCommand('discard', which)}
    done={({ discarded }) => `${deadLettersOf(discarded)} discarded.`}
  />
);

const deadLettersOf = (letters: number) =>
  letters === 1 ? 'one dead letter' : `${count(letters)} dead letters`;
