import { script } from '../scripts/script';
import { rowDigest } from '../view/redis-digest';

/** Bytes of values after which a call ends: Redis serves nobody else while a script runs. */
const CALL_BYTES = 4 << 20;

/**
 * Digests of what stands at keys that a SCAN has found.
 *
 * KEYS  keys of rows, or with the layout `text` of columns
 * ARGV  as `rowDigest` says
 *
 * Returns one text with 40 characters for each key, in their order: of the first keys only when these are large.
 */
export const scanScript = script(
  rowDigest,
  `
local digests = {}
for at = 1, #KEYS do
  digests[at] = digest(KEYS[at])
  if spent > ${CALL_BYTES} then break end
end
return table.concat(digests)
`,
);
