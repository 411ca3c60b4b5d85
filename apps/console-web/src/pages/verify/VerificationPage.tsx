import { Group, Progress } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { VerificationDetail } from '@tributary/console-api';
import { ask } from '../../api/queries';
import { Facts } from '../../parts/Facts';
import { count, percent } from '../../parts/format';
import { Loaded } from '../../parts/Loaded';
import { Page, Panel } from '../../parts/Page';
import { useMask } from '../../parts/reveal';
import { RevealSwitch } from '../../parts/RevealSwitch';
import { Time } from '../../parts/Time';
import { toneOfJob } from '../../parts/tone';
import { Verdict } from '../../parts/Verdict';
import { Difference } from './Difference';
import { Reports } from './Reports';
import { CancelVerification, RepairButtons } from './VerificationButtons';
import { scopeOf } from './scope';

const route = getRouteApi('/verify/$id');

export function VerificationPage() {
  const { id } = route.useParams();
  const query = useMask();
  const verification = useQuery({
    ...ask('verification', { params: { id }, query }),
    placeholderData: undefined,
    refetchInterval: ({ state: { data } }) => (data?.state === 'running' ? 1_000 : false),
  });
  return (
    <Page title={`Verification ${id}`} actions={<RevealSwitch />}>
      <Loaded of={verification}>{(data) => <Detail of={data} />}</Loaded>
    </Page>
  );
}

const Detail = ({ of }: { of: VerificationDetail }) => (
  <>
    <Verdict tone={toneOfJob(of.state)} sentence={sentenceOf(of)} next={of.error} />
    {of.state === 'running' && (
      <Progress value={percent(of.rowsDone, of.rowsTotal, false)} aria-label="Progress of the verification" />
    )}
    <Panel
      title="Run"
      actions={
        <Group>
          {of.state === 'running' ? <CancelVerification id={of.id} /> : <RepairButtons verification={of} />}
        </Group>
      }
    >
      <Facts
        of={{
          of: scopeOf(of),
          by: of.by,
          begun: <Time at={of.startedAt} />,
          ended: of.finishedAt && <Time at={of.finishedAt} />,
          rows: `${count(of.rowsDone)} of about ${count(of.rowsTotal)}`,
          ...Object.fromEntries(
            Object.entries(of.repairs).map(([what, rows]) => [`repair: ${what}`, count(rows)]),
          ),
        }}
      />
      {of.suspended.map(({ table, reason }) => (
        <Facts key={table} of={{ 'not compared': table, reason }} />
      ))}
    </Panel>
    <Panel title="By table and target">
      <Reports reports={of.reports} />
    </Panel>
    {of.examples.length > 0 && (
      <Panel title="Differences">
        {of.examples.map((difference) => (
          <Difference key={`${difference.target} ${difference.id} ${difference.kind}`} of={difference} />
        ))}
      </Panel>
    )}
  </>
);

const sentenceOf = ({ state, differences, rowsDone }: VerificationDetail) => {
  if (state === 'equal') return `All ${count(rowsDone)} rows are equal.`;
  if (state === 'different') return `${count(differences)} differences.`;
  return `${state}: ${count(rowsDone)} rows compared, ${count(differences)} differences so far.`;
};
