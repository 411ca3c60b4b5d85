import { hostname } from 'node:os';
import { ownUser } from '@tributary/kernel';

/** Who runs this process, as `name@host`, for records of what was done. */
export const processUser = () => `${ownUser()}@${hostname()}`;
