import { userInfo } from 'node:os';

/** Whom Spark is told that it works for. A container's user need not be in its list of users, and is named by its number. */
export function ownUser(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'nobody');
  }
}
