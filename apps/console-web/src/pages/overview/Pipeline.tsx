import type { Overview } from '@tributary/console-api';
import { Badge } from '../../parts/Badge';
import { count, duration, perSecond } from '../../parts/format';
import parts from '../../parts/parts.module.css';
import { Lasting } from '../../parts/Time';
import { toneOfLag, toneOfState } from '../../parts/tone';
import { lanesOf, targetName, type Stage } from './lanes';
import styles from './Pipeline.module.css';

/** MySQL to the targets from left to right; on a phone's width from top to bottom. */
export function Pipeline({ overview }: { overview: Overview }) {
  const { shared, lanes } = lanesOf(overview);
  return (
    <ol className={styles['pipeline']} aria-label="From the source to the targets">
      <li className={styles['end']}>MySQL</li>
      {shared.map((stage) => (
        <Step key={stage.stage} stage={stage} />
      ))}
      <li className={styles['lanes']}>
        <ol className={styles['lanes']} aria-label="Targets">
          {lanes.map(({ target, sink }) => (
            <li key={target} className={styles['lane']}>
              <ol className={styles['pipeline']} aria-label={targetName(target)}>
                {sink && <Step stage={sink} />}
                <Flow moving={!!sink?.perSecond} />
                <li className={styles['end']}>{targetName(target)}</li>
              </ol>
            </li>
          ))}
        </ol>
      </li>
    </ol>
  );
}

const Flow = ({ moving }: { moving: boolean }) => (
  <li role="presentation" aria-hidden className={styles['flow']} data-moving={moving} />
);

const Step = ({ stage }: { stage: Stage }) => (
  <>
    <Flow moving={!!stage.perSecond} />
    <li className={`${styles['step']} ${parts['tone']}`} data-tone={toneOfState(stage.state)}>
      <div className={styles['title']}>
        <strong>{stage.stage}</strong>
        <Badge state={stage.state} />
      </div>
      <div>
        {perSecond(stage.perSecond)}
        {stage.instances > 1 && ` · ${stage.instances} copies`}
      </div>
      <div>
        lag{' '}
        <span className={`${styles['lag']} ${parts['tone']}`} data-tone={toneOfLag(stage.lagSeconds)}>
          {duration(stage.lagSeconds)}
        </span>{' '}
        · {count(stage.lagEvents)} events
      </div>
      {stage.blockedBy && (
        <div className={styles['blocked']}>
          {stage.blockedBy}
          {stage.since && (
            <>
              {' '}
              (for <Lasting since={stage.since} />)
            </>
          )}
        </div>
      )}
    </li>
  </>
);
