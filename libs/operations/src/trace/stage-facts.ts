import { lagOf, type TopicAdmin } from '@tributary/transport';
import type { TopicSearch } from './topic-search';
import type { StageFacts } from './verdict';

/** How far the reader of a searched topic is in the row's partition; `search` is `null`: the topic is not there. */
export async function stageFacts(
  admin: TopicAdmin,
  name: string,
  group: string,
  search: TopicSearch | null,
): Promise<StageFacts> {
  if (!search) return { name, members: 0, lag: 0, next: undefined };
  const [members, offsets] = await Promise.all([
    admin.groupMembers([group]),
    admin.groupOffsets(group, search.topic),
  ]);
  const next = offsets.get(search.partition);
  const lag = Number(lagOf({ low: 0n, high: BigInt(search.to) }, next));
  return { name, members: members.get(group) ?? 0, lag, next };
}
