import { useAwaySince } from '../api/connection';
import { Time } from '../parts/Time';
import styles from './Shell.module.css';

export function AwayBanner() {
  const since = useAwaySince();
  return (
    <div role="alert" style={{ display: 'contents' }}>
      {since && (
        <div className={styles['away']}>
          The console gives no answer: what you see is as it was <Time at={since.toISOString()} />. It is
          asked again by itself.
        </div>
      )}
    </div>
  );
}
