export type { DeadLetter } from './dead-letter';
export type { DeadLetterFilter } from './filter';
export { eventRow, eventVersion } from './event-row';
export { BATCH_RECORDS, type StoredDeadLetter } from './open-dead-letters';
export { DeadLetterCounts } from './dead-letter-counts';
export { eventIdentity, originalHeaders, originalRecord } from './original-record';
export type { RejectedEvent } from './replay';
export { DeadLetterStore } from './store';
export { DeadLetterWriter, type RejectedRecord } from './writer';
