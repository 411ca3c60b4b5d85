import { scanDigest } from '../../scan/scan-digest';

/** Of a key with the SHA-1 of what it holds, in hex. */
export const keyDigest = (key: string, sha1: string) => scanDigest(`${sha1} ${key}`);

/** Of a member of the index set, and of the key of a version, whose content does not count. */
export const nameDigest = (name: string) => scanDigest(name);
