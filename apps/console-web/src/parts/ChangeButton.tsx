import { Button, Group, Modal, Stack, Textarea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useId, useState, type ReactNode } from 'react';
import type { Answer, Change, Input } from '../api/calls';
import { useChange } from '../api/queries';
import { useIsOperator } from '../api/session';
import { CopyCommand } from './CopyCommand';
import { Failure } from './Loaded';

interface ChangeButtonProps<O extends Change> {
  readonly operation: O;
  /** The call, with the reason that was typed. */
  readonly input: (reason: string | undefined) => Input<O>;
  readonly label: string;
  /** What will happen, in a sentence. */
  readonly says: string;
  readonly command: string;
  /** What came of it, in a sentence. */
  readonly done: (answer: Answer<O>) => string;
  readonly onDone?: (answer: Answer<O>) => void;
  readonly dangerous?: boolean;
  readonly disabled?: boolean;
  readonly children?: ReactNode;
}

/** A button that changes something: it asks for a reason, and shows the command that does the same. */
export function ChangeButton<O extends Change>(props: ChangeButtonProps<O>) {
  const { operation, input, label, says, command, done, onDone, dangerous, disabled, children } = props;
  const operator = useIsOperator();
  const [opened, { open, close }] = useDisclosure(false);
  const [reason, setReason] = useState('');
  const hint = useId();
  const change = useChange(operation, (answer) => {
    notifications.show({ message: done(answer) });
    setReason('');
    close();
    onDone?.(answer);
  });

  const run = () => change.mutate(input(reason.trim() || undefined));
  const start = () => {
    change.reset();
    open();
  };

  return (
    <>
      <Button
        size="compact-sm"
        variant="default"
        onClick={start}
        disabled={disabled || !operator}
        title={operator ? undefined : 'Only an operator may do this'}
      >
        {label}
      </Button>
      <Modal opened={opened} onClose={close} title={label} closeButtonProps={{ 'aria-label': 'Close' }}>
        <Stack>
          <p id={hint} style={{ margin: 0 }}>
            {says}
          </p>
          {children}
          <Textarea
            label="Reason"
            description="It stands in the audit log beside your name"
            maxLength={1_000}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            data-autofocus
          />
          <CopyCommand command={command} />
          {change.error && <Failure error={change.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              Back
            </Button>
            <Button
              color={dangerous ? 'red' : undefined}
              onClick={run}
              loading={change.isPending}
              aria-describedby={hint}
            >
              {label}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
