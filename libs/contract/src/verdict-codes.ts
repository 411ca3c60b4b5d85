/**
 * What can be said of where a row is, from the one that explains most to the one that explains least: programs that read
 * `tributary trace --json` or the REST API rely on them. docs/trace.md explains each.
 */
export const verdictCodes = [
  'NOT_CAPTURED',
  'IN_LOG',
  'BEFORE_VALIDATOR',
  'DEAD_LETTER',
  'BEFORE_SINK',
  'PAUSED',
  'NEVER_LOADED',
  'TARGET_AHEAD',
  'FOREIGN_EDIT',
  'SUPERSEDED',
  'DELETED',
  'IN_SYNC',
] as const;
export type VerdictCode = (typeof verdictCodes)[number];
