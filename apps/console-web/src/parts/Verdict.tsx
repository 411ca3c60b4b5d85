import styles from './parts.module.css';
import type { Tone } from './tone';

interface VerdictProps {
  readonly tone: Tone;
  readonly sentence: string;
  readonly next?: string | null;
  readonly code?: string;
}

/** One sentence and what to do. A screen reader is told when it changes. */
export const Verdict = ({ tone, sentence, next, code }: VerdictProps) => (
  <div
    className={`${styles['verdict']} ${styles['tone']}`}
    data-tone={tone}
    data-testid="verdict"
    role="status"
    aria-live="polite"
  >
    {code && <p>{code}</p>}
    <p className={styles['sentence']}>{sentence}</p>
    {next && <p>Next: {next}</p>}
  </div>
);
