export { TermEndsError } from './demand-watch';
export { installAtStart } from './install-at-start';
export { leadTerm } from './leader-term';
export { TopicPositions } from './topic-positions';
