import { createHash } from 'node:crypto';

/** A server-side script; called by its hash, and by its text where the server has not seen it yet. */
export interface Script {
  readonly lua: string;
  readonly sha: string;
}

export function script(...parts: string[]): Script {
  const lua = parts.map((part) => part.trim()).join('\n');
  return { lua, sha: createHash('sha1').update(lua).digest('hex') };
}
