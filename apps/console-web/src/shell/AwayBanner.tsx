import { useAwaySince } from '../api/connection';
import { Lasting } from '../parts/Time';
import styles from './Shell.module.css';

export function AwayBanner() {
  const since = useAwaySince();
  return (
    <div role="alert" style={{ display: 'contents' }}>
      {since && (
        <div className={styles['away']}>
          The console has given no answer for <Lasting since={since.toISOString()} />: what you see is as it
          was before. It is asked again by itself.
        </div>
      )}
    </div>
  );
}
