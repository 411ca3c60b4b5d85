import { pause, transient } from '@tributary/kernel';
import type { Heartbeat, IdentityNote } from '@tributary/topics';
import type { BrokerView, RelayContext } from './ports';

/** A relay sends a heartbeat every 3 s; two that differ are a sign of life that no clock decides. */
const TWO_HEARTBEATS_MS = 8_000;
const LOOK_EVERY_MS = 1_000;

/**
 * Throws a SyncError `FOREIGN_LEADER` (`retry`) while a relay that reads another change log publishes under the same
 * prefix: two that take the topics from each other would load all tables for ever.
 */
export async function refuseBesideAnother(
  context: RelayContext,
  broker: Pick<BrokerView, 'heartbeats'>,
  { incarnation }: IdentityNote,
  signal: AbortSignal,
): Promise<void> {
  const { prefix, captureSchema } = context.env.config;
  const leaders = async () =>
    (await broker.heartbeats()).filter(
      ({ leads, instance }) => leads === incarnation && instance !== context.instance,
    );
  const first = await leaders();
  const before = new Map(first.map((heartbeat) => [heartbeat.instance, heartbeat.at]));
  const alive = ({ instance, at }: Heartbeat) => before.has(instance) && before.get(instance) !== at;
  for (let waited = 0; before.size > 0 && waited < TWO_HEARTBEATS_MS; waited += LOOK_EVERY_MS) {
    await pause(LOOK_EVERY_MS, signal);
    if (signal.aborted) return;
    const other = (await leaders()).find(alive);
    if (other)
      throw transient(
        'FOREIGN_LEADER',
        `The relay ${other.instance} (${other.host}, pid ${other.pid}) publishes another change log under the prefix ${prefix}; this one, of ${captureSchema}, waits for its end: stop it, or give one of the two pipelines another topics.prefix and capture.schema.`,
      );
  }
}
