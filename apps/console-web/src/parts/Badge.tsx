import styles from './parts.module.css';
import { toneOfState, type Tone } from './tone';

/** A state in one word, with its colour. */
export const Badge = ({ state, tone = toneOfState(state) }: { state: string; tone?: Tone }) => (
  <span className={`${styles['badge']} ${styles['tone']}`} data-tone={tone}>
    {state}
  </span>
);
