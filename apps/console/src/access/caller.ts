import type { User } from '@tributary/console-access';

/** Who makes a call, and how it is known. */
export interface Caller extends User {
  /** Of a session: what changing calls have to bring along. `null`: it is a program with a token. */
  readonly csrf: string | null;
  /** Address. */
  readonly from: string;
}
