import type { Scenario } from './session';
import { concurrency } from './workload-concurrency';
import { modes } from './workload-modes';
import { statements } from './workload-statements';
import { structures } from './workload-structures';

/** Whatever changes the tables' structure comes last. */
export const scenarios: readonly Scenario[] = [
  ...statements,
  ...modes.map((mode) => ({ ...mode, probes: ['warnings' as const] })),
  ...concurrency,
  ...structures,
];
