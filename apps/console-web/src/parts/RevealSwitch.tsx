import { Switch } from '@mantine/core';
import { useIsOperator } from '../api/session';
import { useReveal } from './reveal';

/** Values of rows instead of masks, for an operator; the audit log notes each answer that holds them. */
export function RevealSwitch() {
  const operator = useIsOperator();
  const [revealed, setRevealed] = useReveal();
  return (
    <Switch
      label="Reveal values"
      description={operator ? 'Noted in the audit log' : 'For operators'}
      disabled={!operator}
      checked={revealed}
      onChange={(event) => setRevealed(event.currentTarget.checked)}
    />
  );
}
