import { hash, verify } from '@node-rs/argon2';

/** An argon2id hash in PHC form, with the library's costs (19 MiB, two passes). */
export const hashPassword = (password: string): Promise<string> => hash(password);

/** Of nobody: makes the answer for an unknown name take as long as that for a known one. */
const nobodys = hash(crypto.randomUUID());

export async function passwordMatches(hashed: string | undefined, password: string): Promise<boolean> {
  const matches = await verify(hashed ?? (await nobodys), password).catch(() => false);
  return hashed !== undefined && matches;
}
