import { mendCopiedRequest } from './copied-request';
import { mendDroppedRefusal } from './dropped-refusal';
import { mendFrequentTimeoutCheck } from './frequent-timeout-check';
import { mendIdleQueueTimer } from './idle-queue-timer';
import { mendLoadingCoordinator } from './loading-coordinator';
import { mendMissingCodecs } from './missing-codecs';
import { mendSilentPositionReset } from './silent-position-reset';
import { mendSlowFetchDecoding } from './slow-fetch-decoding';
import { mendSlowProduceEncoding } from './slow-produce-encoding';
import { mendUnannouncedLeaving } from './unannounced-leaving';
import { mendWallClockHeartbeat } from './wall-clock-heartbeat';

/** One a file, named by what it mends; the spec beside it fails when kafkajs needs it no longer. */
const patches = [
  mendMissingCodecs,
  mendLoadingCoordinator,
  // Around the one before it: a farewell is said once, however often the coordinator is asked.
  mendUnannouncedLeaving,
  mendSlowFetchDecoding,
  mendIdleQueueTimer,
  mendFrequentTimeoutCheck,
  mendCopiedRequest,
  mendSlowProduceEncoding,
  mendDroppedRefusal,
  mendWallClockHeartbeat,
  mendSilentPositionReset,
];

let areApplied = false;

/**
 * Changes kafkajs for the whole process, at the first call; later ones do nothing. `Kafka` calls it before it makes a
 * client. Other clients of kafkajs in the same process have the patches, too.
 */
export function applyKafkajsPatches(): void {
  if (areApplied) return;
  areApplied = true;
  for (const patch of patches) patch();
}
