import { Alert } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import type { Overview } from '@tributary/console-api';
import { ask } from '../../api/queries';
import { Facts } from '../../parts/Facts';
import { count } from '../../parts/format';
import { Loaded } from '../../parts/Loaded';
import { Page, Panel } from '../../parts/Page';
import { toneOfSeverity } from '../../parts/tone';
import { Verdict } from '../../parts/Verdict';
import { Pipeline } from './Pipeline';
import { trendSentence } from './trend';

const LagChart = lazy(() => import('./LagChart').then(({ LagChart }) => ({ default: LagChart })));

export function OverviewPage() {
  const overview = useQuery({ ...ask('overview', {}), refetchInterval: 10_000 });
  return (
    <Page title="Overview">
      <Loaded of={overview}>{(data) => <Whole overview={data} />}</Loaded>
    </Page>
  );
}

const Whole = ({ overview }: { overview: Overview }) => (
  <>
    <Verdict
      tone={toneOfSeverity[overview.verdict.severity]}
      sentence={overview.verdict.sentence}
      next={overview.verdict.next}
    />
    {Object.entries(overview.unreachable).map(([part, why]) => (
      <Alert key={part} color="yellow" variant="outline" title={`${part} gives no answer`}>
        {why}
      </Alert>
    ))}
    <Panel title="Pipeline">
      <Pipeline overview={overview} />
    </Panel>
    <Panel title="The last hour">
      <p style={{ margin: 0 }}>{trendSentence(overview.history)}</p>
      <Suspense fallback={<div style={{ height: 220 }} />}>
        <LagChart history={overview.history} />
      </Suspense>
    </Panel>
    <Panel title="Waiting for somebody">
      <Facts
        of={{
          'Dead letters': <Link to="/dead-letters">{count(overview.deadLetters.open)} open</Link>,
          'Suspended tables': (
            <Link to="/tables">
              {count(overview.tables.suspended)} of {count(overview.tables.total)}
            </Link>
          ),
          'Paused tables': <Link to="/tables">{count(overview.tables.paused)}</Link>,
          Snapshots: <Link to="/snapshots">{count(overview.snapshots.open)} under way</Link>,
        }}
      />
    </Panel>
  </>
);
