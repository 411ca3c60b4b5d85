/**
 * The end-to-end specs that have the second stack to themselves: the faults, which kill its servers, and those that use
 * nothing of it but MySQL, Kafka and the targets, or servers of their own. All others, also new ones, run beside them on
 * the first stack, which has MariaDB too. Both lanes should take about as long.
 */
export const second = [
  'faults',
  'relay',
  'secure',
  'source-set-back',
  'stack',
  'suspended',
  'target-trouble',
  'waiting',
];
const secondSpecs = `/e2e/(${second.join('|')})\\.spec\\.ts$`;

/** Arguments for Jest that choose the specs of a lane. */
export const lanes = {
  first: ['--testPathIgnorePatterns', secondSpecs, '/node_modules/'],
  second: ['--testPathPatterns', secondSpecs],
} as const;
