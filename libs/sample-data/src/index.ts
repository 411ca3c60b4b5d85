export { generateRows } from './generator';
export { insertMark, type Mark } from './mark';
export { octokitRows } from './octokit-rows';
export { runWorkload, type WorkloadResult } from './workload';
