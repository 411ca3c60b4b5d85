import { mongoSpec } from './mongo';
import { redisSpec } from './redis';

/** Every target that rows can be sent to, in the order in which it is shown: one line a target. */
export const targetSpecs = [mongoSpec, redisSpec] as const;
