import { rowDtoCheck } from '@tributary/schemas';
import type { SyncConfig } from '@tributary/sync-config';
import { MAX_EVENT_BYTES, type RoundValidatorParts } from '@tributary/validation';

/** What records of both topics are judged by. */
export const rulesOf = (config: SyncConfig): RoundValidatorParts['rules'] => ({
  ...{ config, dto: rowDtoCheck, maxBytes: MAX_EVENT_BYTES },
});
