export { TermEndsError } from './demand-watch';
export { EventEncoder } from './event-encoder';
export { installAtStart } from './install-at-start';
export { kafkaView } from './kafka-view';
export { leadTerm } from './leader-term';
export type { RelayContext } from './ports';
export { snapshotRecords } from './snapshot-recorder';
export { TopicPositions } from './topic-positions';
