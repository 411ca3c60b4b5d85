import { hostname, userInfo } from 'node:os';

/** Who runs this process, as `name@host`, for records of what was done. */
export function processUser(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    // A container's user need not be in its list of users.
    return `uid ${process.getuid?.() ?? '?'}@${hostname()}`;
  }
}
