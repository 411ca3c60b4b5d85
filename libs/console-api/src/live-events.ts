import { z } from 'zod';
import { auditEntry } from './audit';
import { deadLetterGroup } from './dead-letters';
import { overview } from './overview';
import { snapshot } from './snapshots';
import { verification } from './verifications';

/** What `GET /api/v1/events` sends, by the name of the event; the data of each is JSON. */
export const liveEvents = {
  overview,
  snapshot: z.object({ snapshots: z.array(snapshot) }),
  verification: z.object({ verifications: z.array(verification) }),
  'dead-letter': z.object({ total: z.int(), groups: z.array(deadLetterGroup) }),
  audit: auditEntry,
} as const;
export type LiveEventName = keyof typeof liveEvents;
export type LiveEvent = {
  [N in LiveEventName]: { name: N; data: z.infer<(typeof liveEvents)[N]> };
}[LiveEventName];
