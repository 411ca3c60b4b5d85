import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fatal } from '@tributary/kernel';
import { isMap, isPair, isScalar, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import { SyncConfig } from './sync-config';
import { syncFile, syncFileOf } from './schema';
import { contradictions } from './contradictions';
import { targetSpecs } from './targets/registry';
import type { TargetSpec } from './targets/target-spec';

interface Fault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/**
 * Reads and checks a sync file. Throws a fatal SyncError `CONFIG` that lists every fault with line and column;
 * an empty, truncated or contradictory file never yields a configuration (R14).
 */
export function loadSyncConfig(path: string): SyncConfig {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const why =
      (error as NodeJS.ErrnoException).code === 'ENOENT'
        ? 'does not exist: name it in SYNC_CONFIG or create it (see README, "The sync file").'
        : `cannot be read (${(error as Error).message}): SYNC_CONFIG must name a file that this user may read.`;
    throw fatal('CONFIG', `The sync file ${path} ${why}`, error);
  }
  return parseSyncConfig(text, path);
}

/** Like `loadSyncConfig` for a text; `path` names it in messages. */
export function parseSyncConfig(
  text: string,
  path = 'sync.yaml',
  targets: readonly TargetSpec[] = targetSpecs,
): SyncConfig {
  const schema = targets === targetSpecs ? syncFile : syncFileOf(targets);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${path}:${line}:${col}`;
  };
  if (document.errors.length > 0)
    throw refused(document.errors.map((error) => `${place(error.pos[0])}: ${error.message}`));
  const parsed = schema.safeParse(document.toJS() ?? {}, {
    error: ({ input }) => (input === undefined ? 'is missing' : undefined),
  });
  const faults: Fault[] = parsed.success
    ? contradictions(parsed.data, targets)
    : parsed.error.issues.flatMap((issue) =>
        issue.code === 'unrecognized_keys'
          ? issue.keys.map((key) => ({ path: [...issue.path, key], message: `unknown key "${key}"` }))
          : [{ path: issue.path, message: issue.message }],
      );
  if (!parsed.success || faults.length > 0)
    throw refused(
      faults.map(
        ({ path: at, message }) =>
          `${place(offsetOf(document, at))}: ${at.map(String).join('.') || 'file'}: ${message}`,
      ),
    );
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 12);
  return new SyncConfig(parsed.data, hash, targets);
}

const refused = (lines: string[]) =>
  fatal('CONFIG', `The sync file is not usable, nothing was changed:\n  ${lines.join('\n  ')}`);

/** Where the deepest existing node on a path begins; a missing key is reported at the object that lacks it. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const parent = (
      depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true)
    ) as Node | null;
    if (isMap(parent)) {
      const pair = parent.items.find(
        (item) => isPair(item) && isScalar(item.key) && item.key.value === path[depth - 1],
      );
      if (pair && isScalar(pair.key)) return pair.key.range?.[0] ?? 0;
    }
    const node = document.getIn(path.slice(0, depth), true) as Node | undefined;
    if (node?.range) return node.range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}
