import { differencesLeft, uncheckedCandidates, type VerificationResult } from '@tributary/operations';

export const DIFFERENT = 2;
/** A chosen table is suspended, or not every candidate was looked at; the rest is equal. */
const NOT_CHECKED = 1;

/** What a verification's result means for the shell. */
export function exitCodeOf(found: VerificationResult): number {
  if (differencesLeft(found) > 0) return DIFFERENT;
  return found.suspended.length > 0 || uncheckedCandidates(found) > 0 ? NOT_CHECKED : 0;
}
