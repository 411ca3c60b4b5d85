import type { LogReader } from '@tributary/capture';
import { header, headerText, type Version } from '@tributary/change-event';
import { readTail, type Kafka } from '@tributary/kafka';
import type { ServiceContext } from '@tributary/service';

/** Records of each partition's end that are looked at for the highest version: a late commit may stand last. */
const TAIL_RECORDS = 50;

/** The epoch of this term's versions: it rises when Kafka has seen versions that the source could hand out again (R4). */
export async function termEpoch(context: ServiceContext, kafka: Kafka, reader: LogReader): Promise<number> {
  const tail = await readTail(kafka, context.env.config.topics.changes, TAIL_RECORDS);
  const highest = tail.reduce<Version | null>((max, { headers }) => {
    const version = headerText(headers, header.version);
    return version !== undefined && (max === null || version > max) ? version : max;
  }, null);
  const { epoch, reason } = await reader.resolveEpoch(highest);
  if (reason !== null) context.log.info({ epoch }, reason);
  return epoch;
}
