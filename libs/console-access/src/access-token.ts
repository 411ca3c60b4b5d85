import type { Sealer } from './sealer';
import { user, type User } from './user';

const DAY_MS = 86_400_000;

/** Base64 of URLs: what a header and a shell take as they are. */
const encode = (sealed: string) => Buffer.from(sealed).toString('base64url');
const decode = (token: string) => Buffer.from(token, 'base64url').toString();

/** A text for `Authorization: Bearer` that speaks for the user so many days. */
export const makeToken = async (sealer: Sealer, of: User, days: number): Promise<string> =>
  encode(await sealer.seal('token', of, days * DAY_MS));

/** `undefined`: it was not made with this secret, or its days are over. */
export async function readToken(sealer: Sealer, token: string): Promise<User | undefined> {
  return user.safeParse(await sealer.open('token', decode(token))).data;
}
