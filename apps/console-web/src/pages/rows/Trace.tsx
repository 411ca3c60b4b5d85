import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { RowTrace } from '@tributary/console-api';
import { ask } from '../../api/queries';
import { traceCommand } from '../../commands/command-lines';
import { CopyCommand } from '../../parts/CopyCommand';
import { Loaded } from '../../parts/Loaded';
import { useMask } from '../../parts/reveal';
import { toneOfVerdict } from '../../parts/tone';
import { Verdict } from '../../parts/Verdict';
import { InLoads, InLog, InSource, InTarget, InTopic, DeadLetters } from './stations';
import styles from './rows.module.css';

interface TraceProps {
  readonly table: string;
  readonly rowKey: string[];
  readonly actions: ReactNode;
}

export function Trace({ table, rowKey, actions }: TraceProps) {
  const query = { key: rowKey, ...useMask() };
  const trace = useQuery({
    ...ask('trace', { params: { table }, query }),
    placeholderData: undefined,
    staleTime: 0,
  });
  return (
    <Loaded of={trace}>
      {(found) => (
        <div className={styles['trace']}>
          <Verdict tone={toneOfVerdict[found.verdict.code]} {...found.verdict} />
          <Stations trace={found} />
          <div className={styles['foot']}>
            <CopyCommand command={traceCommand(table, rowKey)} />
            {actions}
          </div>
        </div>
      )}
    </Loaded>
  );
}

const Stations = ({ trace }: { trace: RowTrace }) => (
  <ol className={styles['stations']} aria-label="Stations of the row">
    <InSource row={trace.source} />
    <InLog entries={trace.log} />
    <InTopic name="Before validation" found={trace.changes} />
    <InTopic name="Validated" found={trace.validated} />
    <InLoads name="Load, before validation" found={trace.loads} />
    <InLoads name="Load, validated" found={trace.validatedLoads} />
    {trace.deadLetters.length > 0 && <DeadLetters of={trace.deadLetters} />}
    {trace.targets.map((target) => (
      <InTarget key={target.target} found={target} />
    ))}
  </ol>
);
