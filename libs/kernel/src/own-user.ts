import { userInfo } from 'node:os';

/** Who runs this process. A container's user need not be in its list of users, and is named by its number. */
export function ownUser(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'nobody');
  }
}
