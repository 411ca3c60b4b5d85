import { Button, CopyButton } from '@mantine/core';
import styles from './parts.module.css';

/** The command line that does the same, to read and to copy. */
export const CopyCommand = ({ command }: { command: string }) => (
  <div>
    <code className={styles['command']} data-testid="command">
      {command}
    </code>
    <CopyButton value={command}>
      {({ copied, copy }) => (
        <Button variant="subtle" size="compact-sm" onClick={copy}>
          <span aria-live="polite">{copied ? 'Copied' : 'Copy as command'}</span>
        </Button>
      )}
    </CopyButton>
  </div>
);
