import { useNavigate } from '@tanstack/react-router';
import type { VerificationDetail } from '@tributary/console-api';
import { cancelVerificationCommand, repairCommand } from '../../commands/command-lines';
import { ChangeButton } from '../../parts/ChangeButton';

/** A repair comes after a look at what it would do: it is open only from a dry run of it. */
export function RepairButtons({ verification }: { verification: VerificationDetail }) {
  const { id, table, target, repair, differences } = verification;
  const navigate = useNavigate();
  const open = ({ id }: { id: string }) => void navigate({ to: '/verify/$id', params: { id } });
  const buttons = (dryRun: boolean) => ({
    input: (reason: string | undefined) => ({
      params: { id },
      query: { dryRun: dryRun ? ('true' as const) : ('false' as const) },
      body: { reason },
    }),
    command: repairCommand(table, target, dryRun),
    done: (answer: { id: string }) => `Verification ${answer.id} has begun.`,
    onDone: open,
    disabled: differences === 0,
  });
  return (
    <>
      <ChangeButton
        operation="repairVerification"
        label="Try the repair (dry run)"
        says="Verifies the same again and says for each difference what a repair would do. Nothing is changed."
        {...buttons(true)}
      />
      {repair === 'plan' && (
        <ChangeButton
          operation="repairVerification"
          label="Repair"
          dangerous
          says="Verifies the same again and sends the rows that differ through the pipeline."
          {...buttons(false)}
        />
      )}
    </>
  );
}

export const CancelVerification = ({ id }: { id: string }) => (
  <ChangeButton
    operation="cancelVerification"
    label="Cancel"
    says="Ends this verification after the rows at hand."
    input={(reason) => ({ params: { id }, body: { reason } })}
    command={cancelVerificationCommand(id)}
    done={() => `Verification ${id} is ending.`}
  />
);
