import { useQuery } from '@tanstack/react-query';
import { ask } from '../../api/queries';
import { Loaded } from '../../parts/Loaded';
import { Page, Panel } from '../../parts/Page';
import { SnapshotList } from './SnapshotList';
import { StartSnapshot } from './StartSnapshot';

export function SnapshotsPage() {
  const snapshots = useQuery({ ...ask('snapshots', {}), refetchInterval: 5_000 });
  return (
    <Page title="Snapshots" actions={<StartSnapshot />}>
      <Panel>
        <Loaded of={snapshots}>{(data) => <SnapshotList snapshots={data.snapshots} />}</Loaded>
      </Panel>
    </Page>
  );
}
